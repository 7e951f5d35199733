internal import LibC
internal import SystemPackage

/// Open file in `logs/`.
final class RunLogFile {
    /// Suffix of a file's name until it replaces another file.
    static let newSuffix = ".new"

    private let number: CInt

    /// - Parameter flags: Flags of open(2).
    init(_ path: FilePath, _ flags: CInt) throws(Errno) {
        number = open(path.string, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit { if number >= 0 { close(number) } }

    func size() throws(Errno) -> Int {
        let size = lseek(number, 0, SEEK_END)
        guard size >= 0 else { throw Errno(rawValue: errno) }
        return Int(size)
    }

    func append(_ bytes: [UInt8]) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Errno(rawValue: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns the last bytes of the file.
    func tail(_ limit: Int) throws(Errno) -> [UInt8] {
        let size = try size()
        var bytes = [UInt8](repeating: 0, count: min(size, limit))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return pread(number, rest.baseAddress, rest.count, off_t(size - buffer.count + count))
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw Errno(rawValue: errno) }
            if read == 0 { break }
            count += read
        }
        return Array(bytes.prefix(count))
    }
}
