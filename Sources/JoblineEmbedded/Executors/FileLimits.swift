internal import SystemPackage

/// What a file has to be like for Comprehend Medical to work on it: not empty, not too large, UTF-8.
struct FileLimits: Sendable, Hashable {
    /// Bytes of a file at most.
    let maximumBytes: Int

    /// What is said of a file with more bytes.
    var tooLarge: String {
        maximumBytes.isMultiple(of: 1024) ? "over \(maximumBytes / 1024) KB" : "over \(maximumBytes) bytes"
    }

    /// Why a file of this size is left out; nil if it is not.
    func refusal(bytes: Int64) -> String? {
        if bytes == 0 { return "empty" }
        return bytes > maximumBytes ? tooLarge : nil
    }

    /// Whether a file within the size holds UTF-8.
    func isText(_ path: FilePath) throws -> Bool {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        return try file.closeAfter {
            var content = [UInt8](repeating: 0, count: maximumBytes)
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
