package import JoblineProtocol

/// One job, as it is kept.
package struct Job: Sendable, Hashable {
    /// The place in the queue: lower is earlier.
    package var number: Int64
    package var key: JobKey
    package var name: String?
    /// The name of the workflow the job is a run of.
    package var workflow: String?
    package var solutionVersion: String?
    package var status: JobStatus
    package var submitted: Timestamp
    /// When an executor was given the job; nil while it waits.
    package var started: Timestamp?
    package var ended: Timestamp?
    package var updated: Timestamp
    package var expires: Timestamp?
    package var message: String?
    /// The request, as JSON.
    package var request: String
    /// The workflow as it was when the job was started, as JSON.
    package var workflowDocument: String?
    /// The metrics that the executor reported, as JSON.
    package var metrics: String?
    /// Where the output goes: a URI.
    package var output: String
    /// The key of the manifest, once it is published.
    package var manifest: String?
    /// How the run ended, while its output is not yet published.
    package var outcome: JobOutcome?
    /// The process that runs the job.
    package var executor: ProcessIdentity?

    /// The id that executors, directories and logs know the job by: Personalize has ARNs, whose last part is unique.
    package var shortID: String {
        key.id.lastIndex(of: "/").map { String(key.id[key.id.index(after: $0)...]) } ?? key.id
    }
}

/// A job that is about to be kept.
package struct NewJob: Sendable {
    package var key: JobKey
    package var name: String?
    /// The caller's token; within the family it stands for this job and its request.
    package var token: String?
    /// A hash of the request without its token.
    package var fingerprint: String?
    package var solutionVersion: String?
    package var submitted: Timestamp
    package var expires: Timestamp?
    /// The request, as JSON.
    package var request: String
    /// The workflow as it is now, as JSON.
    package var workflowDocument: String?
    package var output: String

    package init(
        key: JobKey, name: String? = nil, token: String? = nil, fingerprint: String? = nil,
        solutionVersion: String? = nil, submitted: Timestamp, expires: Timestamp? = nil, request: String,
        workflowDocument: String? = nil, output: String
    ) {
        self.key = key
        self.name = name
        self.token = token
        self.fingerprint = fingerprint
        self.solutionVersion = solutionVersion
        self.submitted = submitted
        self.expires = expires
        self.request = request
        self.workflowDocument = workflowDocument
        self.output = output
    }
}

/// How a run ended, and what there is to publish of it.
package struct JobOutcome: Sendable, Hashable {
    /// What the end means to the job's status.
    package var event: JobEvent
    /// Message, failureReason or errorMessage.
    package var message: String?
    /// The metrics that the executor reported, as JSON.
    package var metrics: String?
    /// The key that the manifest has once it is published.
    package var manifest: String?

    package init(_ event: JobEvent, message: String? = nil, metrics: String? = nil, manifest: String? = nil) {
        self.event = event
        self.message = message
        self.metrics = metrics
        self.manifest = manifest
    }
}
