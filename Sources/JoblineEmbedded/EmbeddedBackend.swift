package import JoblineBackend
package import JoblineProtocol
package import Logging
internal import ServiceLifecycle

/// The three job services without the cloud: jobs are kept in SQLite and run by the user's own programs.
///
/// The services answer as soon as there is a backend; jobs run while ``run()`` does.
package final class EmbeddedBackend: Service {
    package let comprehendMedical: any ComprehendMedicalService
    package let personalize: any PersonalizeService
    package let entityResolution: any EntityResolutionService
    let queue: JobQueue
    let directory: StateDirectory

    /// Opens the state directory and holds it until ``run()`` returns, or until the backend goes away.
    ///
    /// - Parameters:
    ///   - configuration: What to do.
    ///   - now: The time.
    ///   - makeID: Makes the ids of jobs: 32 lower-case hexadecimal digits, different every time.
    ///   - pause: Passes the time until something is tried again that the disk did not let happen.
    ///   - logger: Hears of what goes wrong; it is told neither parameters nor names.
    /// - Throws: Why the state directory cannot be used; nothing in it is touched then.
    package init(
        configuration: EmbeddedConfiguration, now: @escaping @Sendable () -> Timestamp = SystemClock.now,
        makeID: @escaping @Sendable () -> String = JobID.make,
        pause: @escaping @Sendable () async throws -> Void = SystemClock.pause, logger: Logger
    ) throws(StateError) {
        BrokenPipes.ignore()
        directory = try StateDirectory(configuration.stateDirectory)
        queue = try JobQueue(
            configuration: configuration, state: directory, now: now, makeID: makeID, pause: pause, logger: logger)
        comprehendMedical = EmbeddedComprehendMedical(queue: queue)
        personalize = EmbeddedPersonalize(queue: queue)
        entityResolution = EmbeddedEntityResolution(queue: queue)
    }

    /// Brings the jobs that an earlier daemon left in order, and then runs jobs until graceful shutdown.
    ///
    /// At shutdown running executors are ended; their jobs fail or go back to the queue, as `onRestart` of their executor
    /// says. Jobs that wait go on waiting.
    ///
    /// - Throws: ``StateError`` if those jobs cannot be read.
    package func run() async throws {
        defer { directory.release() }
        do {
            try await withGracefulShutdownHandler {
                try await queue.run()
            } onGracefulShutdown: {
                self.queue.drain()
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Libraries log what they are thrown, and not every error may be logged as it is.
            throw StateError(
                .database, "the jobs of an earlier daemon in \(directory.database) cannot be read", cause: error)
        }
    }

    /// Does what graceful shutdown does: ``run()`` returns when the running executors have ended.
    package func drain() { queue.drain() }

    /// Closes the database after ``run()`` has returned, even if somebody still holds the backend; its services fail from then on.
    package func close() { queue.store.close() }

    /// Has jobs that begin from now on done by other executors.
    ///
    /// A family that is added starts jobs, and one that is gone refuses to; of the latter the job that runs comes to its end,
    /// and those that wait go on waiting until the family has an executor again.
    package func reconfigure(executors: [JobFamily: ExecutorConfiguration]) { queue.reconfigure(executors) }

    /// Has the observer called with every change of a job from now on, by whoever makes it and once it can be read.
    package func observeChanges(_ observer: @escaping @Sendable (JobChange) -> Void) { queue.changes.observe(observer) }

    /// How busy each family is.
    package func familyStatus() async throws -> [Sidecar.FamilyInfo] {
        try await answering { try await queue.status() }
    }
}
