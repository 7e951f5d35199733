internal import JoblineBackend
internal import JoblineProtocol

/// A stored job.
struct Job: Sendable, Hashable {
    /// Number of the record, and place in the queue: lower is earlier.
    var number: Int64
    var key: JobReference
    var name: String?
    /// Name of the workflow that the job is a run of.
    var workflow: String?
    var solutionVersion: String?
    var status: JobStatus
    var submitted: Timestamp
    /// Time of the claim; nil while the job waits.
    var started: Timestamp?
    var ended: Timestamp?
    var updated: Timestamp
    var expires: Timestamp?
    var message: String?
    /// Request as JSON.
    var request: String
    /// Workflow at the start of the job, as JSON.
    var workflowDocument: String?
    /// Metrics that the executor reported, as JSON.
    var metrics: String?
    /// URI of the output.
    var output: String
    /// Key of the manifest, once it is published.
    var manifest: String?
    /// Version of the model that processed the job, once it has ended.
    var modelVersion: String?
    /// Outcome of the run while its output is not published yet.
    var outcome: JobOutcome?
    /// Process that runs the job.
    var executor: ProcessIdentity?

    /// Id that executors and directories use.
    var shortID: String { key.shortID }

    /// Name of the job in logs: its id, or its number if the id contains the caller's name of the job.
    var logID: String { key.family.hasLastingNames ? "number \(number)" : key.id }
}
