internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Personalize without the cloud: its two kinds of batch job.
struct EmbeddedPersonalize: PersonalizeService {
    let jobs: BatchJobs

    // MARK: Batch segment jobs

    func createBatchSegmentJob(
        _ request: Personalize.CreateBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.CreateBatchSegmentJobResponse {
        let arn = try await jobs.create(
            .segment, request.jobName, solutionVersion: request.solutionVersionARN, from: request.jobInput,
            to: request.jobOutput, tags: request.tags, request: request)
        return Personalize.CreateBatchSegmentJobResponse(batchSegmentJobARN: arn)
    }

    func describeBatchSegmentJob(
        _ request: Personalize.DescribeBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.DescribeBatchSegmentJobResponse {
        let job = try await jobs.describe(.segment, request.batchSegmentJobARN, context, Self.segmentJob)
        return Personalize.DescribeBatchSegmentJobResponse(batchSegmentJob: job)
    }

    func listBatchSegmentJobs(
        _ request: Personalize.ListBatchSegmentJobsRequest, context: RequestContext
    ) async throws -> Encoded<Personalize.ListBatchSegmentJobsResponse> {
        try await jobs.list(
            .segment, named: "batchSegmentJobs", solutionVersion: request.solutionVersionARN, after: request.nextToken,
            limit: request.maxResults, context, Self.segmentSummary)
    }

    static func segmentJob(_ job: Job) throws -> Personalize.BatchSegmentJob {
        let request = try Personalize.CreateBatchSegmentJobRequest(json: ByteBuffer(string: job.request))
        return Personalize.BatchSegmentJob(
            jobName: job.name, batchSegmentJobARN: job.key.id, filterARN: request.filterARN,
            failureReason: job.message, solutionVersionARN: job.solutionVersion, numResults: request.numResults,
            jobInput: request.jobInput, jobOutput: request.jobOutput, roleARN: request.roleARN,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated)
    }

    private static func segmentSummary(_ job: Job) -> Personalize.BatchSegmentJobSummary {
        Personalize.BatchSegmentJobSummary(
            batchSegmentJobARN: job.key.id, jobName: job.name,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated, failureReason: job.message, solutionVersionARN: job.solutionVersion)
    }

    // MARK: Batch inference jobs

    func createBatchInferenceJob(
        _ request: Personalize.CreateBatchInferenceJobRequest, context: RequestContext
    ) async throws -> Personalize.CreateBatchInferenceJobResponse {
        if Self.mode(request) == .themeGeneration, request.themeGenerationConfig == nil {
            throw ServiceError(
                .invalid, "is required where batchInferenceJobMode is THEME_GENERATION", path: "themeGenerationConfig")
        }
        let arn = try await jobs.create(
            .inference, request.jobName, solutionVersion: request.solutionVersionARN, from: request.jobInput,
            to: request.jobOutput, tags: request.tags, request: request)
        return Personalize.CreateBatchInferenceJobResponse(batchInferenceJobARN: arn)
    }

    func describeBatchInferenceJob(
        _ request: Personalize.DescribeBatchInferenceJobRequest, context: RequestContext
    ) async throws -> Personalize.DescribeBatchInferenceJobResponse {
        let job = try await jobs.describe(.inference, request.batchInferenceJobARN, context, Self.inferenceJob)
        return Personalize.DescribeBatchInferenceJobResponse(batchInferenceJob: job)
    }

    func listBatchInferenceJobs(
        _ request: Personalize.ListBatchInferenceJobsRequest, context: RequestContext
    ) async throws -> Encoded<Personalize.ListBatchInferenceJobsResponse> {
        try await jobs.list(
            .inference, named: "batchInferenceJobs", solutionVersion: request.solutionVersionARN,
            after: request.nextToken, limit: request.maxResults, context, Self.inferenceSummary)
    }

    static func inferenceJob(_ job: Job) throws -> Personalize.BatchInferenceJob {
        let request = try Personalize.CreateBatchInferenceJobRequest(json: ByteBuffer(string: job.request))
        return Personalize.BatchInferenceJob(
            jobName: job.name, batchInferenceJobARN: job.key.id, filterARN: request.filterARN,
            failureReason: job.message, solutionVersionARN: job.solutionVersion, numResults: request.numResults,
            jobInput: request.jobInput, jobOutput: request.jobOutput,
            batchInferenceJobConfig: request.batchInferenceJobConfig, roleARN: request.roleARN,
            batchInferenceJobMode: mode(request), themeGenerationConfig: request.themeGenerationConfig,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated)
    }

    private static func inferenceSummary(_ job: Job) throws -> Personalize.BatchInferenceJobSummary {
        let request = try Personalize.CreateBatchInferenceJobRequest(json: ByteBuffer(string: job.request))
        return Personalize.BatchInferenceJobSummary(
            batchInferenceJobARN: job.key.id, jobName: job.name,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated, failureReason: job.message, solutionVersionARN: job.solutionVersion,
            batchInferenceJobMode: mode(request))
    }

    /// Returns the mode of a job: recommendations by default.
    private static func mode(
        _ request: Personalize.CreateBatchInferenceJobRequest
    ) -> Personalize.BatchInferenceJobMode {
        request.batchInferenceJobMode ?? .batchInference
    }
}
