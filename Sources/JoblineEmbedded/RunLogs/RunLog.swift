internal import JoblineBackend
internal import LibC
internal import SystemPackage

/// Log of the standard error of a job's runs: the file `logs/FAMILY-ID`, which keeps only the end.
struct RunLog: Sendable, Hashable {
    /// Maximum size returned, in bytes; at least as much is kept.
    static let maximumBytes = 64 << 10

    let path: FilePath

    init(_ state: StateDirectory, _ job: JobReference) {
        path = state.logs.appending("\(job.family.rawValue)-\(job.shortID)")
    }

    /// Returns the job that a file in `logs/` belongs to; nil if the name is not a log's.
    static func job(ofFile name: String) -> ShortJobReference? {
        let parts = name.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let family = JobFamily(rawValue: String(parts[0])) else { return nil }
        return ShortJobReference(family: family, id: String(parts[1]))
    }

    /// Reads the log.
    ///
    /// - Returns: The end of the log, and whether its beginning was cut off; empty if nothing was written.
    func read() throws(Errno) -> (bytes: [UInt8], isTruncated: Bool) {
        let file: RunLogFile
        do {
            file = try RunLogFile(path, O_RDONLY)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
            return ([], false)
        }
        // One byte more than returned shows whether the beginning was cut off.
        let bytes = try file.tail(Self.maximumBytes + 1)
        return (bytes.suffix(Self.maximumBytes), bytes.count > Self.maximumBytes)
    }

    /// Removes the log, if there is one.
    func remove() throws(Errno) {
        guard unlink(path.string) != 0, errno != ENOENT else { return }
        throw Errno(rawValue: errno)
    }
}
