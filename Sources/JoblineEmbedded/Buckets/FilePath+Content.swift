internal import SystemPackage

extension FilePath {
    /// Reads the content of the file.
    ///
    /// - Parameter limit: Maximum size in bytes.
    /// - Returns: The content; nil if the file is larger.
    func content(upTo limit: Int = .max) throws -> [UInt8]? {
        let file = try FileDescriptor.open(self, .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while content.count <= limit {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return content }
                content += buffer.prefix(count)
            }
            return nil
        }
    }
}
