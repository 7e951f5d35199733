internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

extension JobRunner {
    /// What the end of an executor means to its job.
    func end(
        of job: Job, reading input: Manifests.Input, _ exit: ExecutorProcess.Exit, _ executor: ExecutorConfiguration
    ) -> JobRun.End {
        // A program that had not begun when its time was over waited for the store.
        if exit.status == .notBegun, exit.reason == .shutdown || exit.reason == .timeout { return .requeue }
        let limit = executor.timeout.components.seconds
        if case .notLaunched(let scarcity) = exit.status {
            switch exit.reason {
            case .shutdown: return .requeue
            case .timeout:
                let reason = scarcity.map { ": the system has no more \($0)" } ?? ""
                return failed(job, "the executor could not be started within \(limit) seconds\(reason)", "not started")
            case .stop, .violation, nil: break
            }
        }
        switch exit.reason {
        case .stop: return .outcome(JobOutcome(.stopped))
        case .shutdown: return interrupted(job, executor, "the daemon was stopped while the job's executor ran")
        case .timeout:
            return failed(job, "the executor did not end within \(limit) seconds\(said(exit))", "time limit")
        case .violation, nil: break
        }
        if let violation = exit.report.violation { return failed(job, violation, "not of the executor contract") }
        switch exit.status {
        // What else keeps a program from beginning is a stop that came before its process was known.
        case .notBegun, .notLaunched: return .outcome(JobOutcome(.stopped))
        case .exited(0): return .outcome(completed(job, exit.report, files: input.files))
        case .exited(let code):
            // Work that is done in this process has no exit status, but a message.
            guard exit.process != nil else { return failed(job, exit.lastLine ?? "the executor failed", "failed") }
            return failed(job, "exit status \(code)\(said(exit))", "exit status \(code)")
        case .signalled(let signal): return failed(job, "ended by signal \(signal)\(said(exit))", "signal \(signal)")
        }
    }

    /// What becomes of a job whose executor did not come to its end.
    ///
    /// - Parameter executor: Of a job that waits for an executor that is gone it is nothing.
    func interrupted(_ job: Job, _ executor: ExecutorConfiguration?, _ message: String) -> JobRun.End {
        switch executor?.onRestart {
        case .rerun, nil:
            logger.warning(
                "the end of the daemon cut a job's run short, which begins anew",
                metadata: ["job": "\(job.logID)", "family": "\(job.key.family)"])
            return .requeue
        case .fail: return failed(job, message, "end of the daemon")
        }
    }

    /// The end of a job that failed through no fault of its caller.
    ///
    /// - Parameter reason: What the log says of it: nothing that an executor wrote.
    private func failed(_ job: Job, _ message: String, _ reason: String) -> JobRun.End {
        logger.error(
            "a job failed",
            metadata: ["job": "\(job.logID)", "family": "\(job.key.family)", "reason": "\(reason)"])
        return .outcome(JobOutcome(.failed, message: message))
    }

    /// Last words of the executor, appended to the way it ended.
    private func said(_ exit: ExecutorProcess.Exit) -> String {
        if let line = exit.lastLine { return "; last line: \(line)" }
        return exit.report.message.map { "; message: \($0)" } ?? ""
    }

    /// - Parameter files: How many the input has.
    private func completed(_ job: Job, _ report: ExecutorReport, files: Int) -> JobOutcome {
        if let reason = report.unknownFiles { return JobOutcome(.failed, message: reason) }
        let leftOut = report.unprocessed + report.refused
        guard job.key.family.service == .comprehendMedical, leftOut > 0 else {
            return JobOutcome(.succeeded, metrics: report.metrics)
        }
        guard report.processed > 0 else {
            let reason = report.firstReason.map { ": \($0)" } ?? ""
            return JobOutcome(.failed, message: "none of the files was processed\(reason)")
        }
        return JobOutcome(
            .partlySucceeded, message: report.message ?? "\(leftOut) of \(files) files were not processed")
    }
}
