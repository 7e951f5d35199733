internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Entity Resolution without the cloud: its jobs. The workflows are in extensions.
struct EmbeddedEntityResolution: EntityResolutionService {
    let workflows: WorkflowJobs

    // MARK: Matching jobs

    func startMatchingJob(
        _ request: EntityResolution.StartMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.StartMatchingJobResponse {
        try await mapServiceErrors {
            let workflow = try await workflows.find(.matching, request.workflowName)
            let document = try Self.shownMatching(workflow)
            let id = try await workflows.start(
                workflow, document: document, request: request,
                output: document.outputSourceConfig.first?.uri ?? "", named: "workflowName")
            return EntityResolution.StartMatchingJobResponse(jobID: id)
        }
    }

    func getMatchingJob(
        _ request: EntityResolution.GetMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await mapServiceErrors {
            let job = try await workflows.job(.matching, request.jobID, of: request.workflowName)
            context.dependency?.isAbout(job)
            return try Self.matchingJob(job, Self.matchingWorkflow(of: job))
        }
    }

    /// Returns the workflow as it was at the start of a job.
    static func matchingWorkflow(of job: Job) throws -> EntityResolution.GetMatchingWorkflowResponse {
        try EntityResolution.GetMatchingWorkflowResponse(json: ByteBuffer(string: job.workflowDocument ?? ""))
    }

    /// Returns a job as the service shows it.
    static func matchingJob(
        _ job: Job, _ workflow: EntityResolution.GetMatchingWorkflowResponse
    ) throws -> EntityResolution.GetMatchingJobResponse {
        let outputs = workflow.outputSourceConfig.compactMap { source -> EntityResolution.JobOutputSource? in
            guard let path = source.outputS3Path, !path.isEmpty else { return nil }
            return EntityResolution.JobOutputSource(
                roleARN: workflow.roleARN, outputS3Path: path, kmsARN: source.kmsARN)
        }
        return EntityResolution.GetMatchingJobResponse(
            jobID: job.key.id, status: EntityResolution.JobStatus(rawValue: job.status.name),
            startTime: job.submitted, endTime: job.ended,
            metrics: try job.metrics.map { try EntityResolution.JobMetrics(json: ByteBuffer(string: $0)) },
            errorDetails: job.message.map { EntityResolution.ErrorDetails(errorMessage: $0) },
            outputSourceConfig: outputs.isEmpty ? nil : outputs)
    }

    func listMatchingJobs(
        _ request: EntityResolution.ListMatchingJobsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListMatchingJobsResponse> {
        try await mapServiceErrors {
            try await workflows.jobs(
                .matching, of: request.workflowName, after: request.nextToken, limit: request.maxResults, context,
                Self.summary)
        }
    }

    // MARK: ID mapping jobs

    func startIDMappingJob(
        _ request: EntityResolution.StartIdMappingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.StartIdMappingJobResponse {
        try await mapServiceErrors {
            let workflow = try await workflows.find(.idMapping, request.workflowName)
            let document = try Self.shownIDMapping(workflow)
            var request = request
            let type = request.jobType ?? (document.incrementalRunConfig == nil ? .batch : .incremental)
            request.jobType = type
            let asked = request.outputSourceConfig?.first?.outputS3Path
            guard let path = asked ?? document.outputSourceConfig?.first?.outputS3Path else {
                throw ServiceError(
                    .invalid, "is required where the workflow has no outputSourceConfig", path: "outputSourceConfig")
            }
            let id = try await workflows.start(
                workflow, document: document, request: request, output: path,
                named: asked == nil ? "workflowName" : "outputSourceConfig[0].outputS3Path")
            return EntityResolution.StartIdMappingJobResponse(
                jobID: id, outputSourceConfig: request.outputSourceConfig, jobType: type)
        }
    }

    func getIDMappingJob(
        _ request: EntityResolution.GetIdMappingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.GetIdMappingJobResponse {
        try await mapServiceErrors {
            let job = try await workflows.job(.idMapping, request.jobID, of: request.workflowName)
            context.dependency?.isAbout(job)
            return try Self.idMappingJob(job, Self.idMappingWorkflow(of: job))
        }
    }

    /// Returns the workflow as it was at the start of a job.
    static func idMappingWorkflow(of job: Job) throws -> EntityResolution.GetIdMappingWorkflowResponse {
        try EntityResolution.GetIdMappingWorkflowResponse(json: ByteBuffer(string: job.workflowDocument ?? ""))
    }

    /// Returns a job as the service shows it.
    static func idMappingJob(
        _ job: Job, _ workflow: EntityResolution.GetIdMappingWorkflowResponse
    ) throws -> EntityResolution.GetIdMappingJobResponse {
        let start = try EntityResolution.StartIdMappingJobRequest(json: ByteBuffer(string: job.request))
        return EntityResolution.GetIdMappingJobResponse(
            jobID: job.key.id, status: EntityResolution.JobStatus(rawValue: job.status.name),
            startTime: job.submitted, endTime: job.ended,
            metrics: try job.metrics.map { try EntityResolution.IdMappingJobMetrics(json: ByteBuffer(string: $0)) },
            errorDetails: job.message.map { EntityResolution.ErrorDetails(errorMessage: $0) },
            // Older releases stored no type, and ran all jobs as BATCH.
            outputSourceConfig: start.outputSourceConfig ?? outputs(of: workflow), jobType: start.jobType ?? .batch)
    }

    /// Returns the outputs of a workflow as a job shows them; nil if the workflow has no role, which is required in a job.
    private static func outputs(
        of workflow: EntityResolution.GetIdMappingWorkflowResponse
    ) -> [EntityResolution.JobOutputSource]? {
        guard let role = workflow.roleARN, !role.isEmpty else { return nil }
        return workflow.outputSourceConfig?.map { source in
            EntityResolution.JobOutputSource(roleARN: role, outputS3Path: source.outputS3Path, kmsARN: source.kmsARN)
        }
    }

    func listIDMappingJobs(
        _ request: EntityResolution.ListIdMappingJobsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListIdMappingJobsResponse> {
        try await mapServiceErrors {
            try await workflows.jobs(
                .idMapping, of: request.workflowName, after: request.nextToken, limit: request.maxResults, context,
                Self.summary)
        }
    }

    private static func summary(_ job: Job) -> EntityResolution.JobSummary {
        EntityResolution.JobSummary(
            jobID: job.key.id, status: EntityResolution.JobStatus(rawValue: job.status.name), startTime: job.submitted,
            endTime: job.ended)
    }
}
