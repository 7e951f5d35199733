internal import JoblineBackend
internal import JoblineProtocol

/// One job, as it is kept.
struct Job: Sendable, Hashable {
    /// The place in the queue: lower is earlier.
    var number: Int64
    var key: JobReference
    var name: String?
    /// The name of the workflow the job is a run of.
    var workflow: String?
    var solutionVersion: String?
    var status: JobStatus
    var submitted: Timestamp
    /// When an executor was given the job; nil while it waits.
    var started: Timestamp?
    var ended: Timestamp?
    var updated: Timestamp
    var expires: Timestamp?
    var message: String?
    /// The request, as JSON.
    var request: String
    /// The workflow as it was when the job was started, as JSON.
    var workflowDocument: String?
    /// The metrics that the executor reported, as JSON.
    var metrics: String?
    /// Where the output goes: a URI.
    var output: String
    /// The key of the manifest, once it is published.
    var manifest: String?
    /// The version of the model that worked on it, once it has ended.
    var modelVersion: String?
    /// How the run ended, while its output is not yet published.
    var outcome: JobOutcome?
    /// The process that runs the job.
    var executor: ProcessIdentity?

    /// The id that executors and directories know the job by.
    var shortID: String { key.shortID }

    /// What logs call the job: its id, and its number where the id holds a name that a caller made up.
    var logID: String { key.family.hasLastingNames ? "number \(number)" : key.id }
}
