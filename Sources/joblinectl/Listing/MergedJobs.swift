internal import Jobline

/// Jobs of several lists, each of which has the newest first, as one such list. Holds one page of each.
struct MergedJobs {
    /// One list, and the job that is its turn.
    private struct Source {
        let list: JobList
        var jobs: PagedSequence<Job, Job.Page>.Iterator
        var head: Job?

        /// Goes on to the next job that meets the conditions.
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
                // The workflow was deleted after it was found.
                guard error.code == .notFound, list.isFound else { throw error }
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

    /// Returns the newest of the jobs that are left; nil after the last one.
    mutating func next() async throws(JoblineError) -> Job? {
        var newest: Int?
        for (index, source) in sources.enumerated() {
            let time = source.head?.submitted?.milliseconds ?? .min
            // Of equal times the first list comes first.
            if let found = newest, time <= sources[found].head?.submitted?.milliseconds ?? .min { continue }
            newest = index
        }
        guard let newest, let job = sources[newest].head else { return nil }
        try await sources[newest].advance()
        if sources[newest].head == nil { sources.remove(at: newest) }
        return job
    }

    /// True if there are jobs left.
    var hasMore: Bool { !sources.isEmpty }
}

/// A list of jobs to ask the daemon for.
struct JobList: Sendable {
    let family: Family
    var workflow: String?
    /// True if the workflow was not named but found.
    var isFound = false
    let filter: JobFilter

    /// The jobs, of which only those that the filter includes are wanted.
    fileprivate func jobs(_ client: JoblineClient, limit: Int?) -> PagedSequence<Job, Job.Page> {
        var pageSize = family.maximumPage
        // One job more than is shown tells whether there are more.
        if let limit, limit < pageSize, !filter.sieves(family) { pageSize = limit + 1 }
        return client.jobs(family.kind, workflow: workflow, filter: filter.request(to: family), pageSize: pageSize)
    }
}
