public import JoblineProtocol

extension JoblineClient {
    /// Lists the jobs of a family, of any service.
    ///
    /// ```swift
    /// for try await job in client.jobs(.rxNormInference, filter: .status(.failed)) { print(job.id, job.message ?? "") }
    /// ```
    ///
    /// - Parameters:
    ///   - family: Family of the jobs.
    ///   - workflow: Workflow of the jobs; required for Entity Resolution, unused otherwise.
    ///   - filter: Filter of the list; nil for all jobs.
    ///   - pageSize: Maximum number of jobs on a page: 1 to 500 for Comprehend Medical, to 100 for Personalize, to 25
    ///     for Entity Resolution; nil for the service's default.
    ///   - token: Token of the first page, from an earlier list.
    ///   - options: Timeout and retry policy of each page.
    /// - Returns: The jobs; pages are requested on demand. Ends with a ``JoblineError``; code `invalid`, without a
    ///   request, if the family does not support the filter or the workflow is missing.
    public func jobs(
        _ family: JobFamily, workflow: String? = nil, filter: Job.Filter? = nil, pageSize: Int? = nil,
        startingAt token: String? = nil, options: CallOptions = CallOptions()
    ) -> PagedSequence<Job, Job.Page> {
        PagedSequence(
            "the list of \(family.rawValue) jobs", startingAt: token, items: { $0.jobs }, nextToken: { $0.nextToken }
        ) { (token) async throws(JoblineError) in
            if let kind = ComprehendMedical.Family(rawValue: family.rawValue) {
                return try await self.page(kind, filter, token, pageSize, options)
            }
            switch family {
            case .batchSegment, .batchInference:
                return try await self.page(family, filter, token, pageSize, options)
            case .matching, .idMapping:
                if filter != nil { throw Self.noFilter(family) }
                let workflow = try Self.workflow(workflow, of: family)
                return try await self.page(family, workflow: workflow, token, pageSize, options)
            default: throw Self.unknownFamily(family)
            }
        }
    }

    private func page(
        _ family: ComprehendMedical.Family, _ filter: Job.Filter?, _ token: String?, _ size: Int?,
        _ options: CallOptions
    ) async throws(JoblineError) -> Job.Page {
        let condition: ComprehendMedical.JobFilter? =
            switch filter {
            case nil: nil
            case .name(let name): ComprehendMedical.JobFilter(jobName: name)
            case .status(let status): ComprehendMedical.JobFilter(jobStatus: status)
            case .submittedBefore(let time): ComprehendMedical.JobFilter(submitTimeBefore: time)
            case .submittedAfter(let time): ComprehendMedical.JobFilter(submitTimeAfter: time)
            case .solutionVersion: throw Self.noFilter(JobFamily(family))
            }
        let request = ComprehendMedical.ListJobsRequest(filter: condition, nextToken: token, maxResults: size)
        let response: ComprehendMedical.ListJobsResponse = try await call(family.listMethod, request, options: options)
        return Job.Page(
            jobs: (response.jobPropertiesList ?? []).map { Job($0, family: family) }, nextToken: response.nextToken)
    }

    private func page(
        _ family: JobFamily, _ filter: Job.Filter?, _ token: String?, _ size: Int?, _ options: CallOptions
    ) async throws(JoblineError) -> Job.Page {
        let solutionVersion: String? =
            switch filter {
            case nil: nil
            case .solutionVersion(let arn): arn
            case .name, .status, .submittedBefore, .submittedAfter: throw Self.noFilter(family)
            }
        if family == .batchSegment {
            let response = try await personalize.listBatchSegmentJobs(
                solutionVersionARN: solutionVersion, nextToken: token, maxResults: size, options: options)
            return Job.Page(jobs: (response.batchSegmentJobs ?? []).map { Job($0) }, nextToken: response.nextToken)
        }
        let response = try await personalize.listBatchInferenceJobs(
            solutionVersionARN: solutionVersion, nextToken: token, maxResults: size, options: options)
        return Job.Page(jobs: (response.batchInferenceJobs ?? []).map { Job($0) }, nextToken: response.nextToken)
    }

    private func page(
        _ family: JobFamily, workflow: String, _ token: String?, _ size: Int?, _ options: CallOptions
    ) async throws(JoblineError) -> Job.Page {
        if family == .matching {
            let response = try await entityResolution.listMatchingJobs(
                workflowName: workflow, nextToken: token, maxResults: size, options: options)
            return Job.Page(
                jobs: (response.jobs ?? []).map { Job(matching: $0, workflow: workflow) },
                nextToken: response.nextToken)
        }
        let response = try await entityResolution.listIDMappingJobs(
            workflowName: workflow, nextToken: token, maxResults: size, options: options)
        return Job.Page(
            jobs: (response.jobs ?? []).map { Job(idMapping: $0, workflow: workflow) }, nextToken: response.nextToken)
    }

    private static func noFilter(_ family: JobFamily) -> JoblineError {
        JoblineError(.invalid, "the list of \(family.rawValue) jobs has no such filter")
    }
}
