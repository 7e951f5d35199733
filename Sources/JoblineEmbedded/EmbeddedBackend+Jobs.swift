package import JoblineBackend
package import JoblineProtocol

/// What of a job is the same for all services.
package struct JobSummary: Sendable, Hashable {
    package let key: JobReference
    /// The workflow that it is a run of.
    package let workflow: String?
    /// As the service spells it.
    package let status: String
    package let state: Sidecar.JobState
    /// Where the output goes: a URI.
    package let output: String

    init(_ job: Job) {
        key = job.key
        workflow = job.workflow
        status = job.status.name
        output = job.output
        state = job.state
    }
}

// For tests that take the part of the executors.
extension EmbeddedBackend {
    /// A job; nil if there is none, or what was known of it has expired.
    package func job(_ key: JobReference) async throws -> JobSummary? {
        try await queue.store.job(key, now: queue.now()).map(JobSummary.init)
    }

    /// The oldest jobs of a family.
    package func jobs(_ family: JobFamily, limit: Int) async throws -> [JobSummary] {
        var query = JobQuery(family: family)
        query.order = .oldestFirst
        return try await queue.store.jobs(query, limit: limit, now: queue.now()).map(JobSummary.init)
    }

    /// Has a queue look again which jobs may begin.
    package func wake(_ family: JobFamily) { queue.wake(family) }
}
