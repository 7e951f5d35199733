/// Result of running a job.
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
