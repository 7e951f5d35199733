internal import JoblineBackend
internal import Logging

extension JobRunner {
    /// Does what fails while the system has no processes, memory or descriptors left, again and again until it has.
    ///
    /// - Parameter isWorthIt: False: once has to do.
    /// - Throws: `CancellationError` where the daemon drains before that. The next start finds the job as it is.
    func insistOnResources<Value>(
        _ job: Job, if isWorthIt: Bool, _ work: () async throws -> Value
    ) async throws -> Value {
        defer { hasResources(job) }
        while true {
            do {
                return try await work()
            } catch {
                guard isWorthIt, let scarcity = Scarcity(error) else { throw error }
                lacks(scarcity, job)
            }
            guard !running.isDraining, !Task.isCancelled else { throw CancellationError() }
            try await pause()
        }
    }

    /// Takes note that a job does not go on for want of something.
    func lacks(_ scarcity: Scarcity, _ job: Job) {
        guard running.lacks(scarcity, job.key) else { return }
        logger.error(
            "a job does not go on for want of \(scarcity); trying again",
            metadata: ["job": "\(job.logID)", "family": "\(job.key.family)"])
    }

    /// Takes note that a job goes on.
    func hasResources(_ job: Job) {
        guard running.lacks(nil, job.key) else { return }
        logger.notice(
            "the job goes on", metadata: ["job": "\(job.logID)", "family": "\(job.key.family)"])
    }
}
