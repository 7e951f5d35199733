internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

/// Everything that runs jobs and removes expired ones.
struct JobEngine: Sendable {
    let queue: JobQueue
    private let recovery: JobRecovery
    private let sweeper: ExpirySweeper
    private let logs: RunLogs
    private let store: any JobStore

    init(
        configuration: EmbeddedConfiguration, state: StateDirectory, store: any JobStore, executors: CurrentExecutors,
        running: RunningJobs, changes: JobChanges, logs: RunLogs, now: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable () async throws -> Void, logger: Logger
    ) {
        self.store = store
        self.logs = logs
        let paths = StatePaths(state, suppliesInput: configuration.suppliesInput)
        let retry = JobRetry(running: running, pause: pause, logger: logger)
        let outcomes = OutcomeRules(logger: logger)
        let cleanup = ExecutorCleanup(state: state, grace: configuration.executorGrace, logger: logger)
        let conclusion = JobConclusion(
            state: state, store: store, changes: changes, paths: paths, now: now, retry: retry, logger: logger)
        let inputs = JobInputs(
            store: store, paths: paths,
            fileLimits: FileLimits(maximumBytes: configuration.comprehendMedicalFileBytes),
            suppliesInput: configuration.suppliesInput)
        let runner = JobRunner(
            executors: executors, grace: configuration.executorGrace, descriptors: configuration.executorDescriptors,
            state: state, store: store, changes: changes, running: running, inputs: inputs, outcomes: outcomes,
            conclusion: conclusion, cleanup: cleanup, retry: retry, now: now, logger: logger)
        let queues = JobFamily.allCases.map { family in
            FamilyQueue(
                family, store: store, executors: executors, running: running, runner: runner, conclusion: conclusion,
                pause: pause, logger: logger)
        }
        queue = JobQueue(
            queues, store: store, executors: executors, running: running, changes: changes, now: now)
        recovery = JobRecovery(
            state: state, store: store, executors: executors, conclusion: conclusion, outcomes: outcomes,
            cleanup: cleanup, logger: logger)
        sweeper = ExpirySweeper(store: store, changes: changes, now: now, logger: logger)
    }

    /// Recovers interrupted jobs, and then runs jobs until the queue is drained.
    ///
    /// - Throws: If the interrupted jobs cannot be read.
    func run() async throws {
        try await recovery.run()
        // Cancelled and awaited when the queue has ended.
        async let _ = sweeper.run()
        async let _ = logs.sweep(store)
        await queue.run()
    }
}
