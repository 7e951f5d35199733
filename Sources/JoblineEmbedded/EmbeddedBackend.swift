package import JoblineBackend
package import JoblineProtocol
package import Logging

/// Backend without the cloud: keeps jobs in SQLite and runs them with the user's own programs.
///
/// Jobs run while ``run()`` does.
package final class EmbeddedBackend: Backend {
    package let name = "embedded"
    package let concurrencyLimits = ConcurrencyLimits()
    package let comprehendMedical: any ComprehendMedicalService
    package let personalize: any PersonalizeService
    package let entityResolution: any EntityResolutionService
    let health: HealthChecks
    let directory: StateDirectory
    let store: any JobStore
    let queue: JobQueue
    let changes = JobChanges()
    let logs: RunLogs
    /// Clock of submission and expiry.
    package let now: @Sendable () -> Timestamp
    private let engine: JobEngine

    /// Opens the state directory and locks it until ``run()`` returns or the backend is deallocated.
    ///
    /// - Parameters:
    ///   - configuration: Settings.
    ///   - now: Returns the current time.
    ///   - makeID: Returns the id of a new job: 32 lower-case hexadecimal digits, unique.
    ///   - pause: Sleeps before a failed write to the disk is retried.
    ///   - logger: Logger of failures. Neither parameters nor names are logged.
    /// - Throws: If the state directory cannot be used; it is unchanged then.
    package init(
        configuration: EmbeddedConfiguration, now: @escaping @Sendable () -> Timestamp = SystemClock.now,
        makeID: @escaping @Sendable () -> String = JobID.make,
        pause: @escaping @Sendable () async throws -> Void = SystemClock.pause, logger: Logger
    ) throws(StateError) {
        BrokenPipes.ignore()
        directory = try StateDirectory(configuration.stateDirectory)
        let store = try SQLiteJobStore(in: directory)
        let tokens = try PageTokens(key: store.pageTokenKey())
        let executors = CurrentExecutors(configuration.executors)
        let running = RunningJobs()
        let logs = RunLogs(state: directory, logger: logger)
        changes.observe { change in
            if change.kind == .removal { logs.remove(change.key) }
        }
        engine = JobEngine(
            configuration: configuration, state: directory, store: store, executors: executors, running: running,
            changes: changes, logs: logs, now: now, pause: pause, logger: logger)
        queue = engine.queue
        health = HealthChecks(store: store, executors: executors, running: running, stateDirectory: directory.path)
        self.store = store
        self.logs = logs
        self.now = now
        let lists = JobLists(store: store, tokens: tokens, now: now)
        comprehendMedical = EmbeddedComprehendMedical(
            queue: queue, store: store, tokens: tokens, accountID: configuration.accountID,
            retention: configuration.retention, now: now, makeID: makeID)
        personalize = EmbeddedPersonalize(
            jobs: BatchJobs(
                queue: queue, store: store, lists: lists, scope: configuration.scope,
                maximumOpenJobs: configuration.personalizeOpenJobs, now: now))
        entityResolution = EmbeddedEntityResolution(
            workflows: WorkflowJobs(
                queue: queue, store: store, lists: lists, tokens: tokens, changes: changes,
                scope: configuration.scope, limits: configuration.workflowLimits, now: now, makeID: makeID))
    }

    package var services: ProvidedServices {
        ProvidedServices(
            comprehendMedical: comprehendMedical, personalize: personalize, entityResolution: entityResolution)
    }

    /// Recovers the jobs of an earlier daemon, then runs jobs until the drain.
    ///
    /// The drain ends running executors: their jobs fail or are queued again, as `onRestart` of the executor says. Waiting jobs
    /// stay in the queue.
    ///
    /// - Throws: ``StateError`` if the jobs of the earlier daemon cannot be read.
    package func run() async throws {
        defer { directory.release() }
        do {
            try await engine.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Callers log the error, and not every description is safe to log.
            throw StateError(
                .database, "the jobs of an earlier daemon in \(directory.database) cannot be read", cause: error)
        }
    }

    package func drain() { queue.drain() }

    /// Closes the store, even if the backend is still referenced.
    package func close() { store.close() }

    /// Replaces the executors of jobs that begin from now on.
    ///
    /// A family that is added starts jobs, and one that is removed refuses new ones. Running jobs of a removed family finish; its
    /// waiting jobs wait until the family has an executor again.
    package func reconfigure(executors: [JobFamily: ExecutorConfiguration]) { queue.reconfigure(executors) }

    /// Adds an observer of job changes. It is called synchronously by the writer, once readers see the change.
    package func observeChanges(_ observer: @escaping @Sendable (JobChange) -> Void) { changes.observe(observer) }

    package func familyStatus() async throws -> [Sidecar.FamilyInfo] {
        try await mapServiceErrors { try await queue.status() }
    }

    package var healthChecks: [BackendHealthCheck] { health.all }

    package var storeStatistics: Sidecar.StoreStatistics? { store.statistics }
}
