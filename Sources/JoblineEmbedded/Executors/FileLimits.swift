internal import SystemPackage

/// Requirements of input files of Comprehend Medical: regular, not empty, not too large, UTF-8.
struct FileLimits: Sendable, Hashable {
    /// Maximum size of a file, in bytes.
    let maximumBytes: Int

    /// Reason shown for a larger file.
    var tooLarge: String {
        maximumBytes.isMultiple(of: 1024) ? "over \(maximumBytes / 1024) KB" : "over \(maximumBytes) bytes"
    }

    /// Returns the reason for excluding an entry of the input; nil if it is accepted.
    func refusal(of entry: DirectoryHandle.Entry) -> String? {
        // A symbolic link could lead anywhere, and pipes and sockets have no stored content.
        guard entry.kind == .file else { return "not a file" }
        if entry.size == 0 { return "empty" }
        if entry.size > maximumBytes { return tooLarge }
        return entry.isReadable ? nil : "not readable by the user \(DaemonAccount.user)"
    }

    /// Whether a file holds UTF-8.
    ///
    /// - Parameter bytes: Size of the file, at most ``maximumBytes``.
    func isText(_ path: FilePath, bytes: Int64) throws -> Bool {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        return try file.closeAfter {
            var content = [UInt8](repeating: 0, count: Int(bytes))
            var count = 0
            while count < content.count {
                let read = try content.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[count...])) }
                if read == 0 { break }
                count += read
            }
            return String(validating: content[..<count], as: UTF8.self) != nil
        }
    }
}
