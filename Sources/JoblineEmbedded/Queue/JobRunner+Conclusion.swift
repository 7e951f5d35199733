internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

extension JobRunner {
    /// Publishes what there is to publish, and ends the job.
    ///
    /// The output is gathered first, then it is put down how the job ends, then the output is renamed to its place, then
    /// the job ends. A crash before the second step loses the run, a crash after it loses nothing.
    func conclude(_ job: Job, _ outcome: JobOutcome, _ run: JobRun? = nil) async {
        let work = WorkDirectory(state, job)
        var outcome = outcome
        do {
            // A stop may have been asked for since the job was claimed, and the manifest tells the status.
            let current = try await insist(job) { try await store.job(job.key, now: job.submitted) }
            let job = current ?? job
            let asked = outcome
            let prepared = try await insistOnResources(job, if: asked.isSuccess) {
                try await blocking {
                    let prepared = try prepare(job, asked, run, work)
                    if prepared != nil { try Publisher(state: state).synchronise(work) }
                    return prepared
                }
            }
            if let prepared {
                guard try await insist(job, { try await store.recordOutcome(prepared, of: job) }) else {
                    // A stop has come since, and what was prepared tells another end than the job will have.
                    return await conclude(job, asked, run)
                }
                await publishAndEnd(job, prepared, work)
                return
            }
        } catch is CancellationError {
            return
        } catch {
            let failure = unpublished(outcome, error, job)
            // A job that fails has manifests of its own.
            if failure.event != outcome.event { return await conclude(job, failure, run) }
            outcome = failure
        }
        await end(job, outcome, work)
    }

    /// Goes on where ``conclude(_:_:_:)`` was interrupted after it was put down how the job ends.
    func publishAndEnd(_ job: Job, _ outcome: JobOutcome, _ work: WorkDirectory) async {
        var outcome = outcome
        do {
            try await insistOnResources(job, if: outcome.isSuccess) {
                try await blocking { try Publisher(state: state).publish(job, work) }
            }
        } catch is CancellationError {
            return
        } catch {
            outcome = unpublished(outcome, error, job)
        }
        await end(job, outcome, work)
    }

    /// Makes the output directory into what is to be published. Nil where nothing is.
    private func prepare(
        _ job: Job, _ outcome: JobOutcome, _ run: JobRun?, _ work: WorkDirectory
    ) throws -> JobOutcome? {
        let isSuccess = outcome.isSuccess
        if isSuccess, run != nil { try work.checkOutput() }
        guard job.key.family.service == .comprehendMedical else {
            if isSuccess { try work.completeOutput() }
            return isSuccess ? outcome : nil
        }
        let status = job.status(after: outcome.event)?.name ?? job.status.name
        let manifests = Manifests(job: job, places: places)
        var outcome = outcome
        if isSuccess, let run {
            outcome.manifest = try manifests.add(
                status: status, report: run.report, input: run.input, now: now(), to: work)
        } else {
            let reason = outcome.event == .stopped ? "the job was stopped" : outcome.message ?? "the job failed"
            outcome.manifest = try manifests.addAlone(status: status, reason: reason, now: now(), to: work)
        }
        return outcome
    }

    /// The end of a job whose output cannot be brought to its place: a success becomes a failure, all else stays.
    private func unpublished(_ outcome: JobOutcome, _ error: any Error, _ job: Job) -> JobOutcome {
        log(error, job)
        switch outcome.event {
        case .succeeded, .partlySucceeded:
            return JobOutcome(
                .failed, message: "the output could not be published: \(Self.reason(error))",
                modelVersion: outcome.modelVersion)
        case .started, .failed, .stopRequested, .stopped, .requeued:
            var outcome = outcome
            outcome.manifest = nil
            return outcome
        }
    }

    private func end(_ job: Job, _ outcome: JobOutcome, _ work: WorkDirectory) async {
        do {
            // Removed first, so that who hears of the end finds nothing left over.
            try await blocking { try work.remove() }
        } catch {
            log(error, job)
        }
        do {
            let ended = try await insist(job) { try await store.finish(job.key, outcome, now: now()) }
            guard let ended else { return }
            changes.tell(ended)
            logger.debug(
                "job ended",
                metadata: ["job": "\(job.logID)", "family": "\(job.key.family)", "status": "\(ended.status.name)"])
        } catch {
            // The job stays as it is; the next start finds it.
        }
    }
}
