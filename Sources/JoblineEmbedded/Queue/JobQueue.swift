internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

/// The jobs of all families, as the services see them.
final class JobQueue: Sendable {
    let configuration: EmbeddedConfiguration
    let executors: ExecutorsInForce
    let store: any JobStore
    let changes = JobChanges()
    let tokens: PageTokens
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> String
    private let running = RunningJobs()
    private let runner: JobRunner
    private let lanes: [JobFamily: Lane]
    private let sweeper: ExpirySweeper
    let logs: RunLogs
    private let logger: Logger

    init(
        configuration: EmbeddedConfiguration, state: StateDirectory, now: @escaping @Sendable () -> Timestamp,
        makeID: @escaping @Sendable () -> String, pause: @escaping @Sendable () async throws -> Void, logger: Logger
    ) throws(StateError) {
        self.configuration = configuration
        executors = ExecutorsInForce(configuration.executors)
        self.now = now
        self.makeID = makeID
        self.logger = logger
        let store = try SQLiteJobStore(in: state)
        self.store = store
        tokens = try PageTokens(key: store.pageTokenKey())
        let runner = JobRunner(
            configuration: configuration, executors: executors, state: state, store: store, changes: changes,
            running: running, now: now, pause: pause, logger: logger)
        self.runner = runner
        var lanes: [JobFamily: Lane] = [:]
        for family in JobFamily.allCases {
            lanes[family] = Lane(family, store: store, runner: runner, logger: logger)
        }
        self.lanes = lanes
        let logs = RunLogs(state: state, logger: logger)
        self.logs = logs
        changes.observe { change in
            if change.kind == .removal { logs.remove(change.key) }
        }
        sweeper = ExpirySweeper(store: store, changes: changes, now: now, logger: logger)
    }

    /// Brings the jobs of an earlier daemon in order, and then runs jobs until ``drain()``.
    func run() async throws {
        try await runner.recover()
        // Is cancelled and awaited when the lanes have ended.
        async let _ = sweeper.run()
        async let _ = logs.sweep(store)
        await withDiscardingTaskGroup { group in
            for lane in lanes.values { group.addTask { await lane.run() } }
        }
    }

    /// Starts no more jobs, and ends those that run.
    func drain() {
        running.drain()
        for lane in lanes.values { lane.close() }
    }

    /// Takes a job in; see ``AdmissionOutcome`` for what can speak against it.
    func admit(_ job: NewJob, _ conditions: AdmissionConditions) async throws -> AdmissionOutcome {
        // Also where this throws: it may have been too late to take the job back.
        defer { lanes[job.key.family]?.jobCame() }
        let outcome = try await store.admit(job, conditions)
        if outcome == .admitted { changes.tell(job.key, status: job.key.family.service.initialStatus) }
        return outcome
    }

    /// Stops a job.
    ///
    /// - Returns: False if there is no such job.
    func stop(_ key: JobReference) async throws -> Bool {
        guard let (job, changed) = try await store.requestStop(key, now: now()) else { return false }
        guard changed else { return true }
        changes.tell(job)
        running.stop(key)
        if job.started == nil { lanes[key.family]?.jobStopped() }
        return true
    }

    /// Has the family's lane look again which jobs may begin.
    func wake(_ family: JobFamily) { lanes[family]?.jobCame() }

    /// Has jobs that begin from now on done by other executors. Those that run are not touched; those that wait for an
    /// executor that is gone go on waiting.
    func reconfigure(_ executors: [JobFamily: ExecutorConfiguration]) {
        self.executors.all = executors
        for family in executors.keys { wake(family) }
    }

    /// The part of a running job's work that is done, from 0 to 1, as far as that is known.
    func progress(of job: Job) -> Double? {
        job.status.phase == .running ? running.progress(of: job.key) : nil
    }

    /// How busy each family is.
    func status() async throws -> [Sidecar.FamilyInfo] {
        let waiting = try await store.waitingJobs()
        return JobFamily.allCases.map { family in
            let concurrency = executors.concurrency(of: family)
            return Sidecar.FamilyInfo(
                service: family.service.rawValue, family: family.rawValue, configured: concurrency > 0,
                running: running.count(family), waiting: waiting[family] ?? 0,
                concurrency: concurrency > 0 ? concurrency : nil)
        }
    }

    /// How many jobs, and lanes with what waits in them, do not go on because the store does not take their next step.
    var heldUp: Int { running.heldUp }

    /// Number of jobs that wait for processes, memory or descriptors.
    var scarcities: [Scarcity: Int] { running.scarcities }

    /// The refusal to start a job that nothing could run.
    func missingExecutor(_ family: JobFamily) -> ServiceError {
        ServiceError(
            .invalid,
            "no executor for \(family.rawValue): set executors.\(family.configurationKey).command in the configuration")
    }

    /// One page of a list of jobs; see ``PageTokens/page(of:named:after:size:position:fetch:show:)``.
    func page<Response>(
        _ query: JobQuery, of list: [String?], named name: StaticString, after token: String?, size: PageSize,
        _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await tokens.page(
            of: list, named: name, after: token, size: size,
            position: { ListPosition(time: $0.submitted, id: $0.key.id) },
            fetch: { position, limit in
                var query = query
                query.position = position
                return try await store.jobs(query, limit: limit, now: now())
            }, show: show)
    }
}
