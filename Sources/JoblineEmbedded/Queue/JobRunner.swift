internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore
internal import SystemPackage

/// Takes a job from the queue to its end.
struct JobRunner: Sendable {
    let configuration: EmbeddedConfiguration
    let executors: ExecutorsInForce
    let state: StateDirectory
    let store: any JobStore
    let changes: JobChanges
    let running: RunningJobs
    let now: @Sendable () -> Timestamp
    /// Passes the time until what failed is tried again.
    let pause: @Sendable () async throws -> Void
    let logger: Logger

    var places: Places { Places(state, suppliesInput: configuration.suppliesInput) }

    /// The first waiting job of a family, marked as running.
    func claim(_ family: JobFamily) async throws -> Job? {
        let ready = executors[family]?.ready
        guard let job = try await store.claim(family, among: ready, now: now()) else { return nil }
        changes.tell(job)
        return job
    }

    /// Runs a claimed job and ends it, or puts it back into the queue.
    func run(_ job: Job, _ control: ExecutorControl) async {
        let run: JobRun
        do {
            run = try await execute(job, control)
        } catch let error as PlaceError {
            run = JobRun(.outcome(JobOutcome(.failed, message: error.message)))
        } catch let error as ExecutorError {
            log(error, job)
            run = JobRun(.outcome(JobOutcome(.failed, message: error.description)))
        } catch is CancellationError {
            // The job stays as it is; the next start finds it.
            return
        } catch {
            log(error, job)
            run = JobRun(.outcome(JobOutcome(.failed, message: "the job could not be run: \(Self.reason(error))")))
        }
        switch run.end {
        case .requeue: await requeue(job)
        case .outcome(var outcome):
            outcome.modelVersion = run.report.modelVersion
            await conclude(job, outcome, run)
        }
    }

    /// Launches a job's executor, again and again while the system has no resources for it, and waits for its end.
    private func execute(_ job: Job, _ control: ExecutorControl) async throws -> JobRun {
        guard let executor = executors[job.key.family] else { return JobRun(.requeue) }
        let deadline = ContinuousClock.now + executor.timeout
        async let _: Void = Self.alarm(executor, deadline, control)
        while true {
            do {
                return try await attempt(job, control, executor, deadline)
            } catch {
                guard let scarcity = Scarcity(error) else { throw error }
                lacks(scarcity, job)
                await control.pass(pause)
                guard control.reason == nil else {
                    // It does not go on, but it lacks nothing any more.
                    _ = running.lacks(nil, job.key)
                    let exit = ExecutorProcess.Exit(
                        status: .notLaunched(scarcity), report: ExecutorReport(), reason: control.hasEnded())
                    return JobRun(end(of: job, reading: Manifests.Input(), exit, executor))
                }
            }
        }
    }

    /// Ends an executor whose time is over, also while it is not launched yet.
    private static func alarm(
        _ executor: ExecutorConfiguration, _ deadline: ContinuousClock.Instant, _ control: ExecutorControl
    ) async {
        guard case .program = executor.worker,
            (try? await SystemClock.sleep(for: ContinuousClock.now.duration(to: deadline))) != nil
        else { return }
        control.end(.timeout)
    }

    private func attempt(
        _ job: Job, _ control: ExecutorControl, _ executor: ExecutorConfiguration,
        _ deadline: ContinuousClock.Instant
    ) async throws -> JobRun {
        let work = WorkDirectory(state, job)
        let task = try await description(of: job, output: work.output)
        let input = try await blocking {
            let input = try measure(task.inputs, of: job)
            try Publisher(state: state).check(job)
            try work.prepare()
            return input
        }
        let limits = job.key.family.service == .comprehendMedical ? fileLimits : nil
        let makeReport = { @Sendable in
            let files = limits == nil ? nil : try FileLists(in: work.openLists())
            let writer = ReportWriter(
                of: job.key.family, input: task.inputs.first?.path, output: work.output,
                files: files.map { ($0, input.files) }, limits: limits
            ) { progress in
                if running.progress(of: job.key, is: progress) { changes.tell(job.key, .progress) }
            }
            if input.refused > 0 { try writer.refuseFiles() }
            return writer
        }
        let exit: ExecutorProcess.Exit
        switch executor.worker {
        case .program:
            let process = ExecutorProcess(
                configuration: executor, job: task, grace: configuration.executorGrace, deadline: deadline,
                log: RunLog(state, job.key), descriptors: configuration.executorDescriptors)
            exit = try await process.run(control, report: makeReport) { identity in
                hasResources(job)
                return await mayBegin(job, control) { try await store.recordExecutor(identity, of: job.key) }
            }
        case .inProcess(let worker):
            exit = try await worker.run(task, key: job.key, control, report: makeReport) {
                await mayBegin(job, control) { try await store.job(job.key, now: job.submitted) }
            }
        }
        if exit.reason != nil, let process = exit.process {
            // Its group has gone, but what it started may have left the group before.
            await endRemains(of: process, job)
        }
        var report = exit.report
        if exit.status != .notBegun { report.modelVersion = report.modelVersion ?? executor.modelVersion }
        return JobRun(end(of: job, reading: input, exit, executor), report: report, input: input)
    }

    /// Whether a job that an executor was found for is still to be done.
    ///
    /// - Parameter look: Puts down what is to be known of the executor, and returns the job as it is now.
    private func mayBegin(_ job: Job, _ control: ExecutorControl, _ look: () async throws -> Job?) async -> Bool {
        do {
            // A stop that came before the executor was known is seen here, and one that comes later ends it.
            let current = try await insist(job, look)
            return current?.status.phase == .running && control.reason == nil
        } catch {
            control.end(.shutdown)
            return false
        }
    }

    private func description(of job: Job, output: FilePath) async throws -> ExecutorJob {
        ExecutorJob(
            family: job.key.family, id: job.shortID, request: JSONDocument(compact: ByteBuffer(string: job.request)),
            workflow: job.workflowDocument.map { JSONDocument(compact: ByteBuffer(string: $0)) },
            inputs: try await inputs(of: job), output: output)
    }

    /// Puts a job back to its place in the queue, without what it has written.
    func requeue(_ job: Job) async {
        do {
            // Removed first: once it is back in the queue the job may be given out again.
            try await blocking { try WorkDirectory(state, job).remove() }
        } catch {
            log(error, job)
        }
        do {
            let requeued = try await insist(job) { try await store.requeue(job.key, now: now()) }
            if let requeued { changes.tell(requeued) }
        } catch {
            // The job stays as it is; the next start finds it.
        }
    }

    /// Does what the store has to take, again and again until it does: a full disk holds jobs up, and changes nothing
    /// about how they end.
    ///
    /// - Throws: `CancellationError` where the daemon drains before it is done. The next start finds the job as it is.
    func insist<Value>(_ job: Job, _ work: () async throws -> Value) async throws(CancellationError) -> Value {
        var failures = 0
        defer { if failures > 0 { running.letGo() } }
        while true {
            do {
                let value = try await work()
                if failures > 0 {
                    logger.notice(
                        "the store answers again",
                        metadata: ["job": "\(job.logID)", "family": "\(job.key.family)", "failures": "\(failures)"])
                }
                return value
            } catch {
                guard !(error is CancellationError), !Task.isCancelled else { throw CancellationError() }
                if failures == 0 {
                    log(error, job)
                    running.holdUp()
                }
                failures += 1
            }
            guard !running.isDraining else { throw CancellationError() }
            do { try await pause() } catch { throw CancellationError() }
        }
    }

    func log(_ error: any Error, _ job: Job) {
        logger.error(
            "a job did not go as it should",
            metadata: ["job": "\(job.logID)", "family": "\(job.key.family)", "error": "\(error.logText)"])
    }

    /// An error as a caller may read it: what the system says, and of all else only that it happened.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as PlaceError: error.message
        case let error as TreeError: "\(error)"
        case let error as Errno: "\(error)"
        default: "the daemon failed, and its log says why"
        }
    }
}

/// What came of running a job.
struct JobRun: Sendable {
    enum End: Sendable, Hashable {
        case requeue
        case outcome(JobOutcome)
    }

    var end: End
    var report: ExecutorReport
    var input: Manifests.Input

    init(_ end: End, report: ExecutorReport = ExecutorReport(), input: Manifests.Input = Manifests.Input()) {
        self.end = end
        self.report = report
        self.input = input
    }
}
