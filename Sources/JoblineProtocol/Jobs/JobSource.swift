/// Names one job among those of all services.
package struct JobIdentity: Sendable, Hashable {
    package var family: Sidecar.JobFamily
    /// The job's id; of Personalize jobs the ARN.
    package var id: String

    package init(_ family: Sidecar.JobFamily, _ id: String) {
        self.family = family
        self.id = id
    }
}

/// What a job is like at one moment.
package struct JobSnapshot: Sendable, Hashable {
    package var state: Sidecar.JobState
    /// The part of its work that is done, from 0 to 1; nil where nothing is known of it.
    package var progress: Double?
    /// The job as its service describes it; nil if there is none.
    package var job: JSONDocument?
    /// What requests may call the job's workflow; empty for a job that has none.
    package var workflows: [String]

    package init(
        state: Sidecar.JobState, progress: Double? = nil, job: JSONDocument? = nil, workflows: [String] = []
    ) {
        self.state = state
        self.progress = progress
        self.job = job
        self.workflows = workflows
    }

    /// That of a job that is not there.
    package static let gone = JobSnapshot(state: .gone)
}

/// Where jobs can be looked up, and who says when to look again.
package protocol JobSource: Sendable {
    /// What jobs are like now, in the order in which they are asked for.
    ///
    /// A call that begins after a change was told sees the change.
    ///
    /// - Parameter jobs: At most some hundred, so that one call is soon over.
    func snapshots(of jobs: [JobIdentity]) async throws -> [JobSnapshot]

    /// Has the observer called, from now on, with every job that appears, changes or vanishes, once that can be read.
    ///
    /// - Parameter observer: Is called by whoever made the change, and keeps it waiting.
    func observe(_ observer: @escaping @Sendable (JobIdentity) -> Void)

    /// The end of what the executor of a job wrote to standard error; nil where nothing of that kind is kept.
    func log(of job: JobIdentity) async throws -> JobLog?
}

extension JobSource {
    package func log(of job: JobIdentity) async throws -> JobLog? { nil }
}

/// The end of what the executor of a job wrote to standard error.
package struct JobLog: Sendable, Hashable {
    package var text: String
    /// True if there was more before the text.
    package var isTruncated: Bool

    package init(text: String, isTruncated: Bool) {
        self.text = text
        self.isTruncated = isTruncated
    }
}
