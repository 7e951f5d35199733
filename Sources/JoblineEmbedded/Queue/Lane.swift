internal import JoblineBackend
internal import Logging
internal import Synchronization

/// The queue of one family: first come, first served, so many at a time.
///
/// What waits is in the store. The lane is woken when there may be something to do, and then does all there is.
final class Lane: Sendable {
    private struct State {
        /// How many jobs of the lane are with the runner.
        var active = 0
        /// Whether a job may have been stopped that no executor has.
        var hasStopped = true
    }

    let family: JobFamily
    private let store: any JobStore
    private let runner: JobRunner
    private let running: RunningJobs
    private let pause: @Sendable () async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(_ family: JobFamily, store: any JobStore, runner: JobRunner, logger: Logger) {
        self.family = family
        self.store = store
        self.runner = runner
        running = runner.running
        pause = runner.pause
        self.logger = logger
        (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var concurrency: Int { runner.executors.concurrency(of: family) }

    /// Tells the lane that a job came. One that is busy looks when it has room, and not for each job that comes.
    func jobCame() {
        let concurrency = concurrency
        if state.withLock({ $0.active < concurrency }) { wakeUp.yield() }
    }

    /// Tells the lane that a job was stopped which no executor has.
    func jobStopped() {
        state.withLock { $0.hasStopped = true }
        wakeUp.yield()
    }

    /// Lets the lane end when its running jobs have.
    func close() { wakeUp.finish() }

    /// Runs jobs until the lane is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            wakeUp.yield()
            var isFailing = false
            defer { if isFailing { running.letGo() } }
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
                    if isFailing { running.letGo() }
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isFailing {
                        running.holdUp()
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
            // A job that went back to the queue may have been stopped before.
            state.hasStopped = true
        }
        wakeUp.yield()
    }

    /// The next job if it may run now; it counts as active then.
    private func next() async throws -> Job? {
        // Nothing is counted before there is a job: a job that comes meanwhile would take the lane for busy.
        let concurrency = concurrency
        guard state.withLock({ $0.active < concurrency }), !running.isDraining else { return nil }
        guard let job = try await runner.claim(family) else { return nil }
        state.withLock { $0.active += 1 }
        return job
    }

    /// Ends the jobs that were stopped while they waited.
    private func endStopped() async throws {
        let hasStopped = state.withLock { state in
            defer { state.hasStopped = false }
            return state.hasStopped
        }
        guard hasStopped else { return }
        do {
            for job in try await store.jobsStoppedInQueue(family) {
                await runner.conclude(job, JobOutcome(.stopped))
            }
        } catch {
            state.withLock { $0.hasStopped = true }
            throw error
        }
    }
}
