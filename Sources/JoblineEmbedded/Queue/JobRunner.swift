internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore
internal import SystemPackage

/// Runs jobs from their claim to the end of their executors.
struct JobRunner: Sendable {
    let executors: CurrentExecutors
    /// Time from SIGTERM to SIGKILL for executors that are ended.
    let grace: Duration
    /// Soft limit of descriptors of an executor; nil: that of this process.
    let descriptors: Int?
    let state: StateDirectory
    let store: any JobStore
    let changes: JobChanges
    let running: RunningJobs
    let inputs: JobInputs
    let outcomes: OutcomeRules
    let conclusion: JobConclusion
    let cleanup: ExecutorCleanup
    let retry: JobRetry
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// Claims the first waiting job of a family; nil if none waits.
    func claim(_ family: JobFamily) async throws -> Job? {
        let ready = executors[family]?.ready
        guard let job = try await store.claim(family, among: ready, now: now()) else { return nil }
        changes.tell(job)
        return job
    }

    /// Runs a claimed job and ends or requeues it.
    func run(_ job: Job, _ control: ExecutorControl) async {
        let run: JobRun
        do {
            run = try await execute(job, control)
        } catch is CancellationError {
            // The next start finds the job as it is.
            return
        } catch {
            run = JobRun(.outcome(JobOutcome(.failed, message: message(of: error, job))))
        }
        switch run.end {
        case .requeue: await conclusion.take(.clean(.requeue), of: job)
        case .outcome(var outcome):
            outcome.modelVersion = run.report.modelVersion
            await conclusion.take(.load(outcome), of: job, run)
        }
    }

    /// Returns the message of a job that could not be run, and logs errors that are not the caller's.
    private func message(of error: any Error, _ job: Job) -> String {
        if let error = error as? PathError { return error.message }
        logger.stepFailed(job, error)
        if let error = error as? ExecutorError { return error.description }
        return "the job could not be run: \(error.callerText)"
    }

    /// Launches a job's executor and waits for its end. Retries the launch while the system lacks resources.
    private func execute(_ job: Job, _ control: ExecutorControl) async throws -> JobRun {
        guard let executor = executors[job.key.family] else { return JobRun(.requeue) }
        let deadline = ContinuousClock.now + executor.timeout
        async let _: Void = Self.enforceDeadline(executor, deadline, control)
        while true {
            do {
                return try await attempt(job, control, executor, deadline)
            } catch {
                guard let resource = ExhaustedResource(error) else { throw error }
                retry.setExhaustedResource(resource, of: job)
                await control.waitUnlessEnding(retry.pause)
                guard control.reason == nil else {
                    // Not `clearScarcity`, which logs that the job goes on.
                    _ = running.setExhaustedResource(nil, of: job.key)
                    let exit = ExecutorProcess.Exit(
                        status: .notLaunched(resource), report: ExecutorReport(), reason: control.hasEnded())
                    return JobRun(outcomes.end(of: job, reading: Manifests.Input(), exit, executor))
                }
            }
        }
    }

    /// Ends the executor at its deadline, even before it is launched.
    private static func enforceDeadline(
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
            let input = try inputs.measure(task.inputs, of: job)
            try Publisher(state: state).check(job)
            try work.prepare()
            return input
        }
        let limits = job.key.family.service == .comprehendMedical ? inputs.fileLimits : nil
        let makeReport = { @Sendable in
            let files = limits == nil ? nil : try FileLists(in: work.openLists())
            let writer = ReportWriter(
                of: job.key.family, input: task.inputs.first?.path, output: work.output,
                files: files.map { ($0, input.files) }, limits: limits
            ) { progress in
                if running.setProgress(progress, of: job.key) { changes.tell(job.key, .progress) }
            }
            if input.refused > 0 { try writer.refuseFiles() }
            return writer
        }
        let exit: ExecutorProcess.Exit
        switch executor.worker {
        case .program:
            let process = ExecutorProcess(
                configuration: executor, job: task, grace: grace, deadline: deadline,
                log: RunLog(state, job.key), descriptors: descriptors)
            exit = try await process.run(control, report: makeReport) { identity in
                retry.clearScarcity(of: job)
                return await mayBegin(job, control) { try await store.recordExecutor(identity, of: job.key) }
            }
        case .inProcess(let worker):
            exit = try await worker.run(task, key: job.key, control, report: makeReport) {
                await mayBegin(job, control) { try await store.job(job.key, now: job.submitted) }
            }
        }
        if exit.reason != nil, let process = exit.process {
            // Its group has ended, but processes that it started may have left the group before.
            await cleanup.end(process, of: job)
        }
        var report = exit.report
        if exit.status != .notBegun { report.modelVersion = report.modelVersion ?? executor.modelVersion }
        return JobRun(outcomes.end(of: job, reading: input, exit, executor), report: report, input: input)
    }

    /// Whether the executor of a job may begin.
    ///
    /// - Parameter load: Records the executor, and returns the job as it is now.
    private func mayBegin(_ job: Job, _ control: ExecutorControl, _ load: () async throws -> Job?) async -> Bool {
        do {
            // Sees a stop that came before the executor was recorded. A later stop ends the executor.
            let current = try await retry.untilStored(job, load)
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
            inputs: try await inputs.inputs(of: job), output: output)
    }
}
