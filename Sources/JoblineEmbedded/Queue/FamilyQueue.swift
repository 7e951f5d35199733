internal import JoblineBackend
internal import Logging
internal import Synchronization

/// The queue of one family: first come, first served, with a concurrency limit.
///
/// Waiting jobs are in the store. The queue is woken when a job may be ready, and then runs all that are.
final class FamilyQueue: Sendable {
    private struct State {
        /// Number of jobs that the runner has.
        var active = 0
        /// Whether a job may have been stopped before an executor had it.
        var hasStopped = true
    }

    let family: JobFamily
    private let store: any JobStore
    private let executors: CurrentExecutors
    private let running: RunningJobs
    private let runner: JobRunner
    private let conclusion: JobConclusion
    private let pause: @Sendable () async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(
        _ family: JobFamily, store: any JobStore, executors: CurrentExecutors, running: RunningJobs, runner: JobRunner,
        conclusion: JobConclusion, pause: @escaping @Sendable () async throws -> Void, logger: Logger
    ) {
        self.family = family
        self.store = store
        self.executors = executors
        self.running = running
        self.runner = runner
        self.conclusion = conclusion
        self.pause = pause
        self.logger = logger
        (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var concurrency: Int { executors.concurrency(of: family) }

    /// Wakes the queue for a new job, unless it is at its limit: then it looks when a job ends.
    func jobCame() {
        let concurrency = concurrency
        if state.withLock({ $0.active < concurrency }) { wakeUp.yield() }
    }

    /// Wakes the queue for a job that was stopped before an executor had it.
    func jobStopped() {
        state.withLock { $0.hasStopped = true }
        wakeUp.yield()
    }

    /// Lets ``run()`` return when the running jobs have ended.
    func close() { wakeUp.finish() }

    /// Runs jobs until the queue is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            wakeUp.yield()
            var isFailing = false
            defer { if isFailing { running.markUnblocked() } }
            for await _ in wakes {
                do {
                    try await endStopped()
                    while let job = try await next() {
                        let control = running.add(job.key)
                        group.addTask {
                            await self.runner.run(job, control)
                            self.hasRun(job)
                        }
                    }
                    if isFailing { running.markUnblocked() }
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isFailing {
                        running.markBlocked()
                        logger.error(
                            "the store does not answer; trying again",
                            metadata: ["error": "\(error.logText)", "family": "\(family)"])
                    }
                    isFailing = true
                    do { try await pause() } catch { return }
                    wakeUp.yield()
                }
            }
        }
    }

    private func hasRun(_ job: Job) {
        running.remove(job.key)
        state.withLock { state in
            state.active -= 1
            // A requeued job may have been stopped while it ran.
            state.hasStopped = true
        }
        wakeUp.yield()
    }

    /// Claims the next job if the limits allow it; nil otherwise.
    private func next() async throws -> Job? {
        // Counted only once there is a job: otherwise `jobCame` could take the queue for busy, and not wake it.
        let concurrency = concurrency
        guard state.withLock({ $0.active < concurrency }), !running.isDraining else { return nil }
        guard let job = try await runner.claim(family) else { return nil }
        state.withLock { $0.active += 1 }
        return job
    }

    /// Ends jobs that were stopped while they waited.
    private func endStopped() async throws {
        let hasStopped = state.withLock { state in
            defer { state.hasStopped = false }
            return state.hasStopped
        }
        guard hasStopped else { return }
        do {
            for job in try await store.jobsStoppedInQueue(family) {
                await conclusion.take(.load(JobOutcome(.stopped)), of: job)
            }
        } catch {
            state.withLock { $0.hasStopped = true }
            throw error
        }
    }
}
