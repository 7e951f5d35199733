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

/// A job that is about to be kept.
struct NewJob: Sendable {
    var key: JobReference
    var name: String?
    /// The caller's token; within the family it stands for this job and its request.
    var token: String?
    /// A hash of the request without its token.
    var fingerprint: String?
    var solutionVersion: String?
    var submitted: Timestamp
    var expires: Timestamp?
    /// The request, as JSON.
    var request: String
    /// What lists show of the request and of the output, as JSON, where they show any of it.
    var listed: String?
    /// The workflow as it is now, as JSON.
    var workflowDocument: String?
    var output: String

    init(
        key: JobReference, name: String? = nil, token: String? = nil, fingerprint: String? = nil,
        solutionVersion: String? = nil, submitted: Timestamp, expires: Timestamp? = nil, request: String,
        listed: String? = nil, workflowDocument: String? = nil, output: String
    ) {
        self.key = key
        self.name = name
        self.token = token
        self.fingerprint = fingerprint
        self.solutionVersion = solutionVersion
        self.submitted = submitted
        self.expires = expires
        self.request = request
        self.listed = listed
        self.workflowDocument = workflowDocument
        self.output = output
    }
}

/// How a run ended, and what there is to publish of it.
struct JobOutcome: Sendable, Hashable {
    /// What the end means to the job's status.
    var event: JobEvent
    /// Message, failureReason or errorMessage.
    var message: String?
    /// The metrics that the executor reported, as JSON.
    var metrics: String?
    /// The key that the manifest has once it is published.
    var manifest: String?
    /// The version of the model that worked on the job.
    var modelVersion: String?

    /// Whether there is work to publish.
    var isSuccess: Bool { event == .succeeded || event == .partlySucceeded }

    init(
        _ event: JobEvent, message: String? = nil, metrics: String? = nil, manifest: String? = nil,
        modelVersion: String? = nil
    ) {
        self.event = event
        self.message = message
        self.metrics = metrics
        self.manifest = manifest
        self.modelVersion = modelVersion
    }
}
