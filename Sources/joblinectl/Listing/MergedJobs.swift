internal import Jobline

/// Jobs of several lists, merged in order from the newest to the oldest. Buffers one page of each list.
struct MergedJobs {
    /// List and its next job.
    private struct Source {
        let list: JobList
        var jobs: PagedSequence<Job, Job.Page>.Iterator
        var head: Job?

        /// Moves to the next job that meets the conditions.
        mutating func advance() async throws(JoblineError) {
            head = nil
            do throws(JoblineError) {
                while let job = try await jobs.next() {
                    if list.filter.includes(job, of: list.family) {
                        head = job
                        return
                    }
                }
            } catch {
                // The workflow was deleted after it was listed.
                guard error.code == .notFound, list.isDiscovered else { throw error }
            }
        }
    }

    private var sources: [Source] = []

    init(_ lists: [JobList], _ client: JoblineClient, limit: Int?) async throws(JoblineError) {
        for list in lists {
            var source = Source(list: list, jobs: list.jobs(client, limit: limit).makeAsyncIterator())
            try await source.advance()
            if source.head != nil { sources.append(source) }
        }
    }

    /// Returns the newest remaining job; nil after the last one.
    mutating func next() async throws(JoblineError) -> Job? {
        var newest: Int?
        for (index, source) in sources.enumerated() {
            let time = source.head?.submitted?.milliseconds ?? .min
            // With equal times, the first list takes precedence.
            if let found = newest, time <= sources[found].head?.submitted?.milliseconds ?? .min { continue }
            newest = index
        }
        guard let newest, let job = sources[newest].head else { return nil }
        try await sources[newest].advance()
        if sources[newest].head == nil { sources.remove(at: newest) }
        return job
    }

    /// Whether there are more jobs.
    var hasMore: Bool { !sources.isEmpty }
}

/// List of jobs to request.
struct JobList: Sendable {
    let family: Family
    var workflow: String?
    /// Whether the workflow was discovered instead of given.
    var isDiscovered = false
    let filter: JobFilter

    /// Returns the jobs, filtered by the service where possible.
    fileprivate func jobs(_ client: JoblineClient, limit: Int?) -> PagedSequence<Job, Job.Page> {
        var pageSize = family.maximumPage
        // One job more than shown tells whether there are more.
        if let limit, limit < pageSize, !filter.needsLocalCheck(family) { pageSize = limit + 1 }
        return client.jobs(family.kind, workflow: workflow, filter: filter.request(to: family), pageSize: pageSize)
    }
}
