internal import Logging
internal import Synchronization

/// The queue of one family: first come, first served, so many at a time.
///
/// What waits is in the store. The lane is woken when there may be something to do, and then does all there is.
final class Lane: Sendable {
    /// How long to leave the store alone after it failed.
    private static let pause = Duration.seconds(1)

    let family: JobFamily
    let concurrency: Int
    private let store: Store
    private let runner: JobRunner
    private let running: RunningJobs
    private let logger: Logger
    private let active = Mutex(0)
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(_ family: JobFamily, concurrency: Int, store: Store, runner: JobRunner, running: RunningJobs, logger: Logger) {
        self.family = family
        self.concurrency = concurrency
        self.store = store
        self.runner = runner
        self.running = running
        self.logger = logger
        (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Tells the lane that there may be something to do.
    func wake() { wakeUp.yield() }

    /// Lets the lane end when its running jobs have.
    func close() { wakeUp.finish() }

    /// Runs jobs until the lane is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            wake()
            for await _ in wakes {
                do {
                    try await endStopped()
                    while let job = try await next() {
                        let control = running.add(job.key)
                        group.addTask {
                            await self.runner.run(job, control)
                            self.running.remove(job.key)
                            self.active.withLock { $0 -= 1 }
                            self.wake()
                        }
                    }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error(
                        "the store does not answer; trying again",
                        metadata: ["error": "\(error)", "family": "\(family)"])
                    try? await Task.sleep(for: Self.pause)
                    wake()
                }
            }
        }
    }

    /// The next job if it may run now; it counts as active then.
    private func next() async throws -> Job? {
        let isFree = active.withLock { active in
            guard active < concurrency, !running.isDraining else { return false }
            active += 1
            return true
        }
        guard isFree else { return nil }
        do {
            if let job = try await runner.claim(family) { return job }
            active.withLock { $0 -= 1 }
            return nil
        } catch {
            active.withLock { $0 -= 1 }
            throw error
        }
    }

    /// Ends the jobs that were stopped while they waited.
    private func endStopped() async throws {
        for job in try await store.stoppedInQueue(family) {
            await runner.conclude(job, JobOutcome(.stopped))
        }
    }
}
