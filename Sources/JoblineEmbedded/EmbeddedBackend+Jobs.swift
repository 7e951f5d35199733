package import JoblineBackend
package import JoblineProtocol

/// Properties of a job that are common to all services.
package struct JobSummary: Sendable, Hashable {
    package let key: JobReference
    /// Name of the workflow that the job is a run of.
    package let workflow: String?
    /// Status in the service's spelling.
    package let status: String
    package let state: Sidecar.JobState
    /// URI of the output.
    package let output: String

    init(_ job: Job) {
        key = job.key
        workflow = job.workflow
        status = job.status.name
        output = job.output
        state = job.state
    }
}

// Used by tests that act as executors.
extension EmbeddedBackend {
    /// Returns a job; nil if there is none or it has expired.
    package func job(_ key: JobReference) async throws -> JobSummary? {
        try await store.job(key, now: now()).map(JobSummary.init)
    }

    /// Returns the oldest jobs of a family.
    package func jobs(_ family: JobFamily, limit: Int) async throws -> [JobSummary] {
        var query = JobQuery(family: family)
        query.order = .oldestFirst
        return try await store.jobs(query, limit: limit, now: now()).map(JobSummary.init)
    }

    /// Makes a family's queue look for jobs that can run.
    package func wake(_ family: JobFamily) { queue.wake(family) }
}
