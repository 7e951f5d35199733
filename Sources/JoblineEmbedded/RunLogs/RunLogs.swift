internal import JoblineBackend
internal import Logging
internal import SystemPackage

/// Logs of executors' standard error, kept as long as their jobs.
struct RunLogs: Sendable {
    /// Number of logs looked up in one read of the database.
    private static let batch = 100

    let state: StateDirectory
    let logger: Logger

    subscript(job: JobReference) -> RunLog { RunLog(state, job) }

    /// Removes the log of an expired job.
    func remove(_ job: JobReference) {
        do {
            try self[job].remove()
        } catch {
            logger.error(
                "the log of a job cannot be removed",
                metadata: ["family": "\(job.family)", "error": "\(error.logText)"])
        }
    }

    /// Removes logs without a job, left by a daemon that ended between removing the job and its log.
    func sweep(_ store: any JobStore) async {
        do {
            let names = try await blocking { try DirectoryHandle(state.logs).entries().map(\.name) }
            for start in stride(from: 0, to: names.count, by: Self.batch) {
                let batch = names[start..<min(start + Self.batch, names.count)]
                let kept = try await store.storedJobs(among: Set(batch.compactMap(RunLog.job(ofFile:))))
                let gone = batch.filter { name in RunLog.job(ofFile: name).map(kept.contains) != true }
                guard !gone.isEmpty else { continue }
                try await blocking {
                    let directory = try DirectoryHandle(state.logs)
                    for name in gone { try directory.removeTree(name) }
                }
            }
        } catch is CancellationError {
            // The next start repeats the sweep.
        } catch {
            logger.error("logs of expired jobs cannot be removed", metadata: ["error": "\(error.logText)"])
        }
    }
}
