package import JoblineProtocol

/// State of a job at one moment.
package struct JobSnapshot: Sendable, Hashable {
    package var state: Sidecar.JobState
    /// Completed share of the work, from 0 to 1; nil if unknown.
    package var progress: Double?
    /// The job as its service describes it; nil if there is none.
    package var job: JSONDocument?
    /// Names by which requests may refer to the job's workflow: its name and its ARN. Empty for a job without a workflow.
    package var workflows: [String]

    package init(
        state: Sidecar.JobState, progress: Double? = nil, job: JSONDocument? = nil, workflows: [String] = []
    ) {
        self.state = state
        self.progress = progress
        self.job = job
        self.workflows = workflows
    }

    /// Snapshot of a job that does not exist.
    package static let gone = JobSnapshot(state: .gone)
}

/// Reads jobs of any family, and reports their changes.
package protocol JobSource: Sendable {
    /// Reads jobs.
    ///
    /// A call that begins after a change was reported sees the change.
    ///
    /// - Parameter jobs: At most a few hundred, so that one call is short.
    /// - Returns: Snapshots in the order of `jobs`.
    func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot]

    /// Adds an observer, which is called with every job that appears, changes or vanishes, once readers see the change.
    ///
    /// - Parameter observer: Called synchronously by the writer, which waits for it.
    func observe(_ observer: @escaping @Sendable (JobReference) -> Void)

    /// Reads the end of the standard error of a job's executor.
    ///
    /// - Returns: nil if the source keeps no such logs.
    func log(of job: JobReference) async throws -> JobLog?
}

extension JobSource {
    package func log(of job: JobReference) async throws -> JobLog? { nil }
}

/// End of the standard error of a job's executor.
package struct JobLog: Sendable, Hashable {
    package var text: String
    /// Whether earlier output was cut off.
    package var isTruncated: Bool

    package init(text: String, isTruncated: Bool) {
        self.text = text
        self.isTruncated = isTruncated
    }
}
