internal import JoblineBackend
internal import Logging

/// Retries steps of jobs that fail for reasons outside of the job, until they succeed or the daemon drains.
struct JobRetry: Sendable {
    /// Failures that are retried.
    enum Policy: Sendable, Hashable {
        case never
        /// Every failure: a full disk delays jobs, and does not change how they end.
        case untilStored
        /// Failures for want of processes, memory or descriptors.
        case whileScarce
    }

    let running: RunningJobs
    /// Waits until the next attempt.
    let pause: @Sendable () async throws -> Void
    let logger: Logger

    /// Performs an operation of a job until it succeeds or fails in a way that the policy does not retry.
    ///
    /// - Throws: `CancellationError` if the daemon drains before that. The next start finds the job as it is.
    func perform<Value>(
        _ job: Job, _ policy: Policy, _ operation: () async throws -> Value
    ) async throws -> Value {
        var storeFailures = 0
        defer {
            if storeFailures > 0 { running.markUnblocked() }
            if policy == .whileScarce { clearScarcity(of: job) }
        }
        while true {
            do {
                let value = try await operation()
                if storeFailures > 0 {
                    logger.notice("the store answers again", job, ["failures": "\(storeFailures)"])
                }
                return value
            } catch let error as CancellationError {
                throw error
            } catch {
                switch policy {
                case .never: throw error
                case .untilStored:
                    if Task.isCancelled { throw CancellationError() }
                    if storeFailures == 0 {
                        logger.stepFailed(job, error)
                        running.markBlocked()
                    }
                    storeFailures += 1
                case .whileScarce:
                    guard let resource = ExhaustedResource(error) else { throw error }
                    setExhaustedResource(resource, of: job)
                }
            }
            guard !running.isDraining, !Task.isCancelled else { throw CancellationError() }
            do { try await pause() } catch { throw CancellationError() }
        }
    }

    /// Repeats a read or write of the store until the store takes it.
    ///
    /// - Throws: `CancellationError` if the daemon drains before that.
    func untilStored<Value>(_ job: Job, _ operation: () async throws -> Value) async throws -> Value {
        try await perform(job, .untilStored, operation)
    }

    /// Records that a job waits for a resource.
    func setExhaustedResource(_ resource: ExhaustedResource, of job: Job) {
        guard running.setExhaustedResource(resource, of: job.key) else { return }
        logger.error("a job waits for \(resource); trying again", job)
    }

    /// Records that a job waits for no resource.
    func clearScarcity(of job: Job) {
        guard running.setExhaustedResource(nil, of: job.key) else { return }
        logger.notice("the job goes on", job)
    }
}
