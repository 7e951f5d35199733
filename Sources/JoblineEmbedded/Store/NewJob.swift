internal import JoblineBackend
internal import JoblineProtocol

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
