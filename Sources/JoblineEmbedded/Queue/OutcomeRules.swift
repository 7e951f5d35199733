internal import JoblineBackend
internal import JoblineProtocol
internal import Logging

/// Rules for the outcome of a job whose executor has ended.
struct OutcomeRules: Sendable {
    let logger: Logger

    /// Returns the end of a run for the way its executor ended.
    func end(
        of job: Job, reading input: Manifests.Input, _ exit: ExecutorProcess.Exit, _ executor: ExecutorConfiguration
    ) -> JobRun.End {
        // A program that had not begun at its timeout waited for the store.
        if exit.status == .notBegun, exit.reason == .shutdown || exit.reason == .timeout { return .requeue }
        let limit = executor.timeout.components.seconds
        if case .notLaunched(let resource) = exit.status {
            switch exit.reason {
            case .shutdown: return .requeue
            case .timeout:
                let reason = resource.map { ": the system has no more \($0)" } ?? ""
                return failed(job, "the executor could not be started within \(limit) seconds\(reason)", "not started")
            case .stop, .violation, nil: break
            }
        }
        switch exit.reason {
        case .stop: return .outcome(JobOutcome(.stopped))
        case .shutdown: return interrupted(job, executor, "the daemon was stopped while the job's executor ran")
        case .timeout:
            return failed(job, "the executor did not end within \(limit) seconds\(lastWords(exit))", "time limit")
        case .violation, nil: break
        }
        if let violation = exit.report.violation { return failed(job, violation, "not of the executor contract") }
        switch exit.status {
        // The remaining cause is a stop before the process was recorded.
        case .notBegun, .notLaunched: return .outcome(JobOutcome(.stopped))
        case .exited(0): return .outcome(completed(job, exit.report, files: input.files))
        case .exited(let code):
            // An executor in this process has a message instead of an exit status.
            guard exit.process != nil else { return failed(job, exit.lastLine ?? "the executor failed", "failed") }
            return failed(job, "exit status \(code)\(lastWords(exit))", "exit status \(code)")
        case .signalled(let signal):
            return failed(job, "ended by signal \(signal)\(lastWords(exit))", "signal \(signal)")
        }
    }

    /// Returns the end of a run that the end of the daemon interrupted.
    ///
    /// - Parameter executor: Executor of the job's family now; nil if its configuration was removed.
    func interrupted(_ job: Job, _ executor: ExecutorConfiguration?, _ message: String) -> JobRun.End {
        switch executor?.onRestart {
        case .rerun, nil:
            logger.warning("the end of the daemon interrupted a job, which runs again", job)
            return .requeue
        case .fail: return failed(job, message, "end of the daemon")
        }
    }

    /// Returns the failure of a job, and logs it.
    ///
    /// - Parameter reason: Reason in the log: holds nothing that an executor wrote.
    private func failed(_ job: Job, _ message: String, _ reason: String) -> JobRun.End {
        logger.error("a job failed", job, ["reason": "\(reason)"])
        return .outcome(JobOutcome(.failed, message: message))
    }

    /// Last line or message of the executor, as a suffix of the failure message.
    private func lastWords(_ exit: ExecutorProcess.Exit) -> String {
        if let line = exit.lastLine { return "; last line: \(line)" }
        return exit.report.message.map { "; message: \($0)" } ?? ""
    }

    /// Returns the outcome of a job whose executor succeeded.
    ///
    /// - Parameter files: Number of files of the input.
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
