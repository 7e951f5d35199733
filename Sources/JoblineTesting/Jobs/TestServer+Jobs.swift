public import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol

extension TestServer {
    /// Returns the job with an ID of any family, or with an ARN for Personalize.
    ///
    /// - Throws: ``TestServerError`` if there is no such job; the message lists the started jobs.
    public func job(_ id: String) async throws(TestServerError) -> TestJob {
        for family in Family.allCases {
            let key = BackendReference(family, id)
            guard let summary = try await stage.summary(key) else { continue }
            stage.markHandedOut(key)
            return TestJob(summary, on: stage)
        }
        throw TestServerError(.noJob, "there is no job \(id); \(try await startedJobs())")
    }

    /// Returns the job with a reference.
    public func job(_ reference: Jobline.JobReference) async throws(TestServerError) -> TestJob {
        try await job(reference.id)
    }

    /// Returns the job that a call has started.
    public func job<Response>(_ started: StartedJob<Response>) async throws(TestServerError) -> TestJob {
        try await job(started.reference)
    }

    /// Returns the oldest job of a family that the test has not obtained yet. Waits until there is one.
    ///
    /// Tests of programs that start jobs themselves get hold of these jobs with it.
    ///
    /// - Parameter family: Family of the job.
    /// - Throws: ``TestServerError`` if no job is started within ``Configuration-swift.struct/stepTimeout``.
    public func nextJob(_ family: Jobline.JobFamily) async throws(TestServerError) -> TestJob {
        let known = try known(family)
        let stage = stage
        let key = try await stage.wait { () async throws(TestServerError) -> BackendReference? in
            stage.handOut(try await summaries(known).map(\.key))
        }
        if let key { return try await stage.handle(key) }
        throw TestServerError(
            .timeout, "no \(family.rawValue) job was started within \(stage.timeout); \(try await startedJobs())")
    }

    /// Returns all jobs that have not expired, grouped by family, oldest first; at most 1000 per family.
    public func jobs() async throws(TestServerError) -> [TestJob] {
        var jobs: [TestJob] = []
        for family in Family.allCases {
            for summary in try await summaries(family) { jobs.append(TestJob(summary, on: stage)) }
        }
        return jobs
    }

    /// Sets the script of all jobs of a family that have not started.
    ///
    /// - Parameters:
    ///   - family: Family of the jobs.
    ///   - script: Behavior of the jobs; `.held` makes them wait for the test again.
    public func script(_ family: Jobline.JobFamily, _ script: JobScript) throws(TestServerError) {
        let known = try known(family)
        stage.setScript(script, of: known)
        try stage.backend.wake(known)
    }

    /// Runs a closure for each job of a family that has not started; see ``JobScript/run(_:)``.
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

    /// Sets the script of all jobs, of all families, that have not started.
    public func scriptAll(_ script: JobScript) throws(TestServerError) {
        for family in Family.allCases { try self.script(Jobline.JobFamily(rawValue: family.rawValue), script) }
    }

    private func known(_ family: Jobline.JobFamily) throws(TestServerError) -> Family {
        if let known = Family(rawValue: family.rawValue) { return known }
        let names = Family.allCases.map(\.rawValue).joined(separator: ", ")
        throw TestServerError(.noJob, "there is no job family \(family.rawValue); known families are \(names)")
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
