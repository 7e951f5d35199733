internal import SystemPackage

/// What a file has to be like for Comprehend Medical to work on it: a file indeed, not empty, not too large, UTF-8.
struct FileLimits: Sendable, Hashable {
    /// Bytes of a file at most.
    let maximumBytes: Int

    /// What is said of a file with more bytes.
    var tooLarge: String {
        maximumBytes.isMultiple(of: 1024) ? "over \(maximumBytes / 1024) KB" : "over \(maximumBytes) bytes"
    }

    /// Why something in the input is left out; nil if it is not.
    func refusal(of entry: DirectoryHandle.Entry) -> String? {
        // A link could lead anywhere, and a pipe or a socket has no content to keep.
        guard entry.kind == .file else { return "not a file" }
        if entry.size == 0 { return "empty" }
        if entry.size > maximumBytes { return tooLarge }
        return entry.isReadable ? nil : "not readable by the user \(DaemonAccount.user)"
    }

    /// Whether a file of so many bytes, within the size, holds UTF-8.
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
