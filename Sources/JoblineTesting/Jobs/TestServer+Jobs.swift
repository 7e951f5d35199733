public import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol

extension TestServer {
    /// The job of an id, or of an ARN for Personalize, whatever kind it is.
    ///
    /// - Throws: ``TestServerError`` if none was started, naming those that were.
    public func job(_ id: String) async throws(TestServerError) -> TestJob {
        for family in Family.allCases {
            let key = BackendReference(family, id)
            guard let summary = try await stage.summary(key) else { continue }
            stage.markHandedOut(key)
            return TestJob(summary, on: stage)
        }
        throw TestServerError(.noJob, "there is no job \(id); \(try await startedJobs())")
    }

    /// The job that a reference names.
    public func job(_ reference: Jobline.JobReference) async throws(TestServerError) -> TestJob {
        try await job(reference.id)
    }

    /// The job that a call has started.
    public func job<Response>(_ started: StartedJob<Response>) async throws(TestServerError) -> TestJob {
        try await job(started.reference)
    }

    /// The oldest job of a kind that the test does not have yet, for programs that start their jobs themselves. Waits until there is
    /// one.
    ///
    /// - Parameter family: The kind of job.
    /// - Throws: ``TestServerError`` if none is started within the server's patience.
    public func nextJob(_ family: Jobline.JobFamily) async throws(TestServerError) -> TestJob {
        let known = try known(family)
        let stage = stage
        let key = try await stage.wait { () async throws(TestServerError) -> BackendReference? in
            stage.handOut(try await summaries(known).map(\.key))
        }
        if let key { return try await stage.handle(key) }
        throw TestServerError(
            .timeout, "no \(family.rawValue) job was started within \(stage.patience); \(try await startedJobs())")
    }

    /// The jobs that were started and have not expired, by kind and then the oldest first; at most 1000 of a kind.
    public func jobs() async throws(TestServerError) -> [TestJob] {
        var jobs: [TestJob] = []
        for family in Family.allCases {
            for summary in try await summaries(family) { jobs.append(TestJob(summary, on: stage)) }
        }
        return jobs
    }

    /// Says what becomes of all jobs of a kind that have not begun.
    ///
    /// - Parameters:
    ///   - family: The kind of job.
    ///   - script: What becomes of them; `.held` has them wait for the test again.
    public func script(_ family: Jobline.JobFamily, _ script: JobScript) throws(TestServerError) {
        let known = try known(family)
        stage.setScript(script, of: known)
        try stage.backend.wake(known)
    }

    /// Runs all jobs of a kind that have not begun through a closure; see ``JobScript/run(_:)``.
    ///
    /// ```swift
    /// try jobline.script(.rxNormInference) { job in
    ///     try await job.report(progress: 0.5)
    ///     try await job.succeed(output: ["a.txt.out": "{}"])
    /// }
    /// ```
    public func script(
        _ family: Jobline.JobFamily, _ body: @escaping @Sendable (TestJob) async throws -> Void
    ) throws(TestServerError) {
        try script(family, .run(body))
    }

    /// Says what becomes of all jobs, of whatever kind, that have not begun.
    public func scriptAll(_ script: JobScript) throws(TestServerError) {
        for family in Family.allCases { try self.script(Jobline.JobFamily(rawValue: family.rawValue), script) }
    }

    private func known(_ family: Jobline.JobFamily) throws(TestServerError) -> Family {
        if let known = Family(rawValue: family.rawValue) { return known }
        let names = Family.allCases.map(\.rawValue).joined(separator: ", ")
        throw TestServerError(.noJob, "there are no jobs of the kind \(family.rawValue); there are \(names)")
    }

    private func summaries(_ family: Family) async throws(TestServerError) -> [JobSummary] {
        let backend = try stage.backend
        do {
            return try await backend.jobs(family, limit: 1000)
        } catch {
            throw TestServerError(.environment, "the jobs cannot be read", cause: error)
        }
    }

    private func startedJobs() async throws(TestServerError) -> String {
        let jobs = try await jobs()
        guard !jobs.isEmpty else { return "none was started" }
        let shown = jobs.suffix(10).map(\.description).joined(separator: ", ")
        return "started \(jobs.count > 10 ? "last " : "")were: \(shown)"
    }
}
