internal import JoblineBackend
internal import Logging

/// Ends processes of an executor that are left after the executor or the daemon ended.
struct ExecutorCleanup: Sendable {
    let state: StateDirectory
    /// Time from SIGTERM to SIGKILL.
    let grace: Duration
    let logger: Logger

    func end(_ executor: ProcessIdentity, of job: Job) async {
        let orphan = OrphanedExecutor(identity: executor, output: WorkDirectory(state, job).output)
        if await !orphan.end(grace: grace) {
            logger.error("processes of an executor cannot be ended", metadata: ["job": "\(job.logID)"])
        }
    }
}
