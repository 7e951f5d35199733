/// Conditions for a job to be admitted, besides the uniqueness of tokens and names.
struct AdmissionConditions: Sendable {
    /// Maximum number of jobs of the family that wait or run; nil: unlimited.
    var maximumOpen: Int?
    /// Number of the workflow that the job is a run of.
    var workflow: Int64?
    /// Whether a workflow may have only one open job.
    var refusesBusyWorkflow = false
    /// Whether there is an executor for the job. A repeated request is answered without one.
    var hasExecutor = true

    init() {}
}

/// Result of ``JobStore/admit(_:_:)``.
enum AdmissionOutcome: Sendable, Hashable {
    /// The job is in the queue.
    case admitted
    /// Repetition of a request: the same request with the same token created the job of this id.
    case repeated(id: String)
    /// The token belongs to another request.
    case tokenTaken
    case nameTaken
    case quotaReached
    case workflowBusy
    /// The workflow was deleted in the meantime.
    case workflowGone
    case noExecutor
}
