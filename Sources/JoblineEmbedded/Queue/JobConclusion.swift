internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

/// The end of a run: a sequence of steps up to the last status of the job, or to its return to the queue.
///
///     load → prepare → record → publish → clean → finish
///                                         clean → requeue
///
/// A crash before `record` loses the run. A crash after it loses nothing: recovery goes on with `publish`.
struct JobConclusion: Sendable {
    /// A step, with the outcome that the job is about to have.
    enum Step: Sendable {
        /// Reads the job again: it may have been stopped since it was claimed, and the manifest shows the status.
        case load(JobOutcome)
        /// Turns the output directory into what is published.
        case prepare(JobOutcome, of: Job)
        /// Records in the store how the job will end.
        case record(prepared: JobOutcome, of: Job, run: JobOutcome)
        /// Moves the output to its place.
        case publish(JobOutcome)
        /// Removes the work directory. Before the last step, so that observers of the end find nothing left over, and a
        /// job that is back in the queue can be claimed at once.
        case clean(JobRun.End)
        case finish(JobOutcome)
        case requeue

        /// Failures at which the step is repeated. A run that failed is not worth waiting for resources.
        var retryPolicy: JobRetry.Policy {
            switch self {
            case .load, .record, .finish, .requeue: .untilStored
            case .prepare(let outcome, _), .publish(let outcome): outcome.isSuccess ? .whileScarce : .never
            case .clean: .never
            }
        }
    }

    let state: StateDirectory
    let store: any JobStore
    let changes: JobChanges
    let paths: StatePaths
    let now: @Sendable () -> Timestamp
    let retry: JobRetry
    let logger: Logger

    /// Performs the steps from the given one to the last.
    ///
    /// Returns early if the daemon drains while a step is retried. The next start finds the job as it is.
    ///
    /// - Parameter run: The run that ended; nil if there is nothing but its outcome.
    func take(_ first: Step, of job: Job, _ run: JobRun? = nil) async {
        var next: Step? = first
        while let step = next {
            do {
                next = try await retry.perform(job, step.retryPolicy) { try await perform(step, job, run) }
            } catch is CancellationError {
                return
            } catch {
                logger.stepFailed(job, error)
                next = Self.step(after: error, in: step)
            }
        }
    }

    /// Performs a step and returns the next one; nil after the last.
    private func perform(_ step: Step, _ job: Job, _ run: JobRun?) async throws -> Step? {
        let work = WorkDirectory(state, job)
        switch step {
        case .load(let outcome):
            return .prepare(outcome, of: try await store.job(job.key, now: job.submitted) ?? job)
        case .prepare(let outcome, let job):
            let prepared = try await blocking { try prepare(job, outcome, run, work) }
            return prepared.map { .record(prepared: $0, of: job, run: outcome) } ?? .clean(.outcome(outcome))
        case .record(let prepared, let job, let outcome):
            let isRecorded = try await store.recordOutcome(prepared, of: job)
            // A stop in the meantime gives the job another end than the prepared output shows.
            return isRecorded ? .publish(prepared) : .load(outcome)
        case .publish(let outcome):
            try await blocking { try Publisher(state: state).publish(job, work) }
            return .clean(.outcome(outcome))
        case .clean(let end):
            try await blocking { try work.remove() }
            return end.lastStep
        case .finish(let outcome):
            guard let ended = try await store.finish(job.key, outcome, now: now()) else { return nil }
            changes.tell(ended)
            logger.debug(
                "job ended",
                metadata: ["job": "\(job.logID)", "family": "\(job.key.family)", "status": "\(ended.status.name)"])
            return nil
        case .requeue:
            if let requeued = try await store.requeue(job.key, now: now()) { changes.tell(requeued) }
            return nil
        }
    }

    /// Returns the step that follows a failed one.
    private static func step(after error: any Error, in step: Step) -> Step? {
        switch step {
        case .load(let outcome), .prepare(let outcome, _), .record(_, _, let outcome):
            let unpublished = outcome.unpublished(error)
            // A success becomes a failure, whose manifest is another one.
            return unpublished.event == outcome.event ? .clean(.outcome(unpublished)) : .load(unpublished)
        case .publish(let outcome): return .clean(.outcome(outcome.unpublished(error)))
        case .clean(let end): return end.lastStep
        case .finish, .requeue: return nil
        }
    }

    /// Turns the output directory into what is published, and flushes it to the disk.
    ///
    /// - Returns: The outcome with the key of the manifest; nil if nothing is published.
    private func prepare(
        _ job: Job, _ outcome: JobOutcome, _ run: JobRun?, _ work: WorkDirectory
    ) throws -> JobOutcome? {
        let isSuccess = outcome.isSuccess
        if isSuccess, run != nil { try work.checkOutput() }
        var outcome = outcome
        if job.key.family.service == .comprehendMedical {
            outcome.manifest = try writeManifests(of: job, outcome, run, to: work)
        } else {
            guard isSuccess else { return nil }
            try work.completeOutput()
        }
        try Publisher(state: state).synchronise(work)
        return outcome
    }

    /// Writes the manifests of a Comprehend Medical job.
    ///
    /// - Returns: The key of the main manifest.
    private func writeManifests(
        of job: Job, _ outcome: JobOutcome, _ run: JobRun?, to work: WorkDirectory
    ) throws -> String {
        let status = job.status(after: outcome.event)?.name ?? job.status.name
        let manifests = Manifests(job: job, paths: paths)
        if outcome.isSuccess, let run {
            return try manifests.add(status: status, report: run.report, input: run.input, now: now(), to: work)
        }
        let reason = outcome.event == .stopped ? "the job was stopped" : outcome.message ?? "the job failed"
        return try manifests.addAlone(status: status, reason: reason, now: now(), to: work)
    }
}

extension JobRun.End {
    fileprivate var lastStep: JobConclusion.Step {
        switch self {
        case .outcome(let outcome): .finish(outcome)
        case .requeue: .requeue
        }
    }
}

extension JobOutcome {
    /// Returns the outcome of a job whose output cannot be published: a success becomes a failure.
    fileprivate func unpublished(_ error: any Error) -> JobOutcome {
        switch event {
        case .succeeded, .partlySucceeded:
            return JobOutcome(
                .failed, message: "the output could not be published: \(error.callerText)", modelVersion: modelVersion)
        case .started, .failed, .stopRequested, .stopped, .requeued:
            var outcome = self
            outcome.manifest = nil
            return outcome
        }
    }
}
