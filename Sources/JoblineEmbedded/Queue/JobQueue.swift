internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

/// The queues of all families.
final class JobQueue: Sendable {
    private let store: any JobStore
    private let executors: CurrentExecutors
    private let running: RunningJobs
    private let changes: JobChanges
    private let queues: [JobFamily: FamilyQueue]
    private let now: @Sendable () -> Timestamp

    init(
        _ queues: [FamilyQueue], store: any JobStore, executors: CurrentExecutors, running: RunningJobs,
        changes: JobChanges, now: @escaping @Sendable () -> Timestamp
    ) {
        self.queues = Dictionary(uniqueKeysWithValues: queues.map { ($0.family, $0) })
        self.store = store
        self.executors = executors
        self.running = running
        self.changes = changes
        self.now = now
    }

    /// Runs jobs until ``drain()``.
    func run() async {
        await withDiscardingTaskGroup { group in
            for queue in queues.values { group.addTask { await queue.run() } }
        }
    }

    /// Claims no more jobs, and ends running executors.
    func drain() {
        running.drain()
        for queue in queues.values { queue.close() }
    }

    /// Admits a job.
    ///
    /// - Parameter conditions: Conditions beside that of an executor, which the queue adds.
    /// - Throws: `invalid` if no executor is configured for the family.
    func admit(
        _ job: NewJob, _ conditions: AdmissionConditions = AdmissionConditions()
    ) async throws -> AdmissionOutcome {
        let family = job.key.family
        var conditions = conditions
        conditions.hasExecutor = executors[family] != nil
        // Also after an error: the job may have been stored before it.
        defer { queues[family]?.jobCame() }
        let outcome = try await store.admit(job, conditions)
        switch outcome {
        case .admitted: changes.tell(job.key, status: family.service.initialStatus)
        case .noExecutor:
            throw ServiceError(
                .invalid,
                "no executor for \(family.rawValue): set executors.\(family.configurationKey).command in the configuration"
            )
        case .repeated, .tokenTaken, .nameTaken, .quotaReached, .workflowBusy, .workflowGone: break
        }
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
        if job.started == nil { queues[key.family]?.jobStopped() }
        return true
    }

    /// Makes a family's queue look for jobs that can run.
    func wake(_ family: JobFamily) { queues[family]?.jobCame() }

    /// Replaces the executors for jobs that are claimed from now on. Running jobs keep theirs. Jobs without an executor
    /// wait for one.
    func reconfigure(_ executors: [JobFamily: ExecutorConfiguration]) {
        self.executors.all = executors
        for family in executors.keys { wake(family) }
    }

    /// Part of a running job's work that is done, from 0 to 1; nil if unknown.
    func progress(of job: Job) -> Double? {
        job.status.phase == .running ? running.progress(of: job.key) : nil
    }

    /// Returns the running and waiting jobs and the limit of each family.
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
}
