internal import LibC
internal import SystemPackage

/// Writer of a ``RunLog``. Write errors are ignored, so that they never fail a job.
final class RunLogWriter {
    /// Size in bytes at which the beginning of the file is dropped.
    private static let maximumFileBytes = 2 * RunLog.maximumBytes

    private let log: RunLog
    private var file: RunLogFile?
    private var size = 0

    init(_ log: RunLog) { self.log = log }

    /// Appends bytes of standard error. The file is created by the first call.
    func append(_ bytes: some Collection<UInt8>) {
        do throws(Errno) {
            let end = Array(bytes.suffix(RunLog.maximumBytes + 1))
            let file = if let file { file } else { try open() }
            try file.append(end)
            size += end.count
            if size > Self.maximumFileBytes { try shorten(file) }
        } catch {
            file = nil
        }
    }

    private func open() throws(Errno) -> RunLogFile {
        let file = try RunLogFile(log.path, O_RDWR | O_CREAT | O_APPEND)
        size = try file.size()
        self.file = file
        return file
    }

    /// Replaces the file atomically by one with only the end of the log, so that readers find either.
    private func shorten(_ file: RunLogFile) throws(Errno) {
        let end = try file.tail(RunLog.maximumBytes + 1)
        let next = FilePath(log.path.string + RunLogFile.newSuffix)
        let shorter = try RunLogFile(next, O_RDWR | O_CREAT | O_TRUNC | O_APPEND)
        try shorter.append(end)
        guard rename(next.string, log.path.string) == 0 else { throw Errno(rawValue: errno) }
        self.file = shorter
        size = end.count
    }
}
