internal import JoblineBackend
internal import JoblineProtocol

/// A job to be admitted.
struct NewJob: Sendable {
    var key: JobReference
    var name: String?
    /// Caller's token, which identifies the job and its request within the family.
    var token: String?
    /// Hash of the request without its token.
    var fingerprint: String?
    var solutionVersion: String?
    var submitted: Timestamp
    var expires: Timestamp?
    /// Request as JSON.
    var request: String
    /// Prepared details for describe and list, see ``JobView/Details``; nil if the family has none.
    var listed: String?
    /// Workflow at the start of the job, as JSON.
    var workflowDocument: String?
    /// URI of the output.
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
