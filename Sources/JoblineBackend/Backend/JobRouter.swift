internal import JoblineProtocol

/// Job source over several sources, which routes jobs by their family.
package struct JobRouter: JobSource {
    private struct Question: Sendable {
        let source: any JobSource
        var jobs: [JobReference] = []
        /// Places of the jobs in the whole question.
        var places: [Int] = []
    }

    private let sources: [any JobSource]
    /// Indices into `sources`.
    private let routes: [JobFamily: Int]

    /// - Parameters:
    ///   - sources: At least one source.
    ///   - route: Returns the index of the source of a family.
    package init(_ sources: [any JobSource], route: (JobFamily) -> Int) {
        self.sources = sources
        routes = Dictionary(uniqueKeysWithValues: JobFamily.allCases.map { ($0, route($0)) })
    }

    /// Asks each source once, and all of them concurrently.
    ///
    /// - Throws: If one of the sources fails.
    package func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot] {
        if sources.count == 1 { return try await sources[0].snapshots(of: jobs) }
        var questions = sources.map { Question(source: $0) }
        for (place, job) in jobs.enumerated() {
            let index = routes[job.family, default: 0]
            questions[index].jobs.append(job)
            questions[index].places.append(place)
        }
        questions.removeAll(where: \.jobs.isEmpty)
        let answers = try await questions.concurrentMap { try await $0.source.snapshots(of: $0.jobs) }
        var snapshots = [JobSnapshot](repeating: .gone, count: jobs.count)
        for (question, answer) in zip(questions, answers) {
            for (place, snapshot) in zip(question.places, answer) { snapshots[place] = snapshot }
        }
        return snapshots
    }

    /// Adds an observer to every source. Different sources can call it at the same time.
    package func observe(_ observer: @escaping @Sendable (JobReference) -> Void) {
        for source in sources { source.observe(observer) }
    }

    package func log(of job: JobReference) async throws -> JobLog? {
        try await sources[routes[job.family, default: 0]].log(of: job)
    }
}
