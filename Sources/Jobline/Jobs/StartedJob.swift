public import JoblineProtocol

/// A started job, with the response of the service.
///
/// ```swift
/// let started = try await client.entityResolution.startMatchingJob(workflowName: "people")
/// print(started.reference)  // Matching/people/5f0c7a9e3b1d4c86a2e4f7d90b83c615
/// let job = try await client.waitUntilTerminal(started)
/// ```
///
/// Members of the response are members of this: `started.jobID`.
@dynamicMemberLookup
public struct StartedJob<Response: Sendable & Hashable>: Sendable, Hashable {
    /// Reference of the job, valid for every call and in any process.
    public let reference: JobReference
    /// Response of the service.
    public let response: Response

    init(
        _ response: Response, family: JobFamily, id: String?, workflow: String? = nil, by method: Method
    ) throws(JoblineError) {
        guard let id else {
            throw JoblineError(
                .decoding, "the result names no job: list the jobs to find it", method: method.rawValue, attempts: 1,
                outcomeUnknown: true)
        }
        self.reference = JobReference(family: family, id: id, workflow: workflow)
        self.response = response
    }

    /// A member of the response.
    public subscript<Value>(dynamicMember member: KeyPath<Response, Value>) -> Value { response[keyPath: member] }
}
