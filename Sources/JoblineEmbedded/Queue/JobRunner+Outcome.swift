internal import JoblineProtocol

extension JobRunner {
    /// What the end of an executor means to its job.
    func end(
        of job: Job, reading input: Manifests.Input, _ exit: ExecutorProcess.Exit, _ executor: ExecutorConfiguration
    ) -> JobRun.End {
        // A program that had not begun when its time was over waited for the store.
        if exit.status == .notBegun, exit.reason == .shutdown || exit.reason == .timeout { return .requeue }
        switch exit.reason {
        case .stop: return .outcome(JobOutcome(.stopped))
        case .shutdown: return interrupted(job, "the daemon was stopped while the job's executor ran")
        case .timeout:
            return failed("the executor did not end within \(executor.timeout.components.seconds) seconds")
        case .violation, nil: break
        }
        if let violation = exit.report.violation { return failed(violation) }
        switch exit.status {
        // What else keeps a program from beginning is a stop that came before its process was known.
        case .notBegun: return .outcome(JobOutcome(.stopped))
        case .exited(0): return .outcome(completed(job, exit.report, files: input.files))
        case .exited(let code): return failed(said(exit) ?? "the executor ended with exit status \(code)")
        case .signalled(let signal): return failed(said(exit) ?? "the executor was ended by signal \(signal)")
        }
    }

    /// What becomes of a job whose executor did not come to its end.
    func interrupted(_ job: Job, _ message: String) -> JobRun.End {
        switch configuration.executors[job.key.family]?.onRestart {
        case .rerun: .requeue
        case .fail, nil: failed(message)
        }
    }

    private func failed(_ message: String) -> JobRun.End { .outcome(JobOutcome(.failed, message: message)) }

    private func said(_ exit: ExecutorProcess.Exit) -> String? { exit.lastLine ?? exit.report.message }

    /// - Parameter files: How many the input has.
    private func completed(_ job: Job, _ report: ExecutorReport, files: Int) -> JobOutcome {
        let leftOut = report.unprocessed + report.refused
        guard job.key.family.service == .comprehendMedical, leftOut > 0 else {
            return JobOutcome(.succeeded, metrics: report.metrics)
        }
        // An executor that names no files is taken to have processed what it was asked to.
        guard report.processed > 0 || report.unprocessed == 0 else {
            let reason = report.firstReason.map { ": \($0)" } ?? ""
            return JobOutcome(.failed, message: "none of the files was processed\(reason)")
        }
        return JobOutcome(
            .partlySucceeded, message: report.message ?? "\(leftOut) of \(files) files were not processed")
    }
}
