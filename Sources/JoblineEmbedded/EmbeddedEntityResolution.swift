internal import JoblineProtocol
internal import NIOCore

/// Entity Resolution's workflows and jobs.
struct EmbeddedEntityResolution: EntityResolutionService {
    /// What a page shows where a request does not say: the most that one may ask for.
    private static let defaultPage = 25

    let queue: JobQueue

    func startMatchingJob(
        _ request: EntityResolution.StartMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.StartMatchingJobResponse {
        try await answering {
            let workflow = try await workflow(request.workflowName)
            let document = try shown(workflow)
            let id = queue.makeID()
            let path = document.outputSourceConfig.first?.outputS3Path ?? ""
            let output = try naming("workflowName") { () throws(PlaceError) in
                try ObjectLocation(uri: path).directory(id)
            }
            let job = NewJob(
                key: JobKey(.matching, id), submitted: queue.now(), request: String(buffer: request.json()),
                workflowDocument: String(buffer: document.json()), output: output.uri)
            var admission = Admission()
            admission.workflow = workflow.number
            admission.refusesBusyWorkflow = queue.configuration.refusesBusyWorkflows
            admission.hasExecutor = queue.configuration.executors[.matching] != nil
            try await admit(job, admission)
            return EntityResolution.StartMatchingJobResponse(jobID: id)
        }
    }

    private func admit(_ job: NewJob, _ admission: Admission) async throws {
        switch try await queue.admit(job, admission) {
        case .admitted: return
        case .workflowBusy:
            throw ServiceError(.conflict, "the workflow has a job that has not ended", path: "workflowName")
        case .workflowGone: throw Self.noWorkflow
        case .noExecutor: throw queue.missingExecutor(job.key.family)
        case .repeated, .tokenTaken, .nameTaken, .quotaReached:
            throw ServiceError(.failed, "the embedded service failed")
        }
    }

    func getMatchingJob(
        _ request: EntityResolution.GetMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await answering {
            let key = JobKey(.matching, request.jobID)
            guard let job = try await queue.store.job(key, now: queue.now()), job.workflow == request.workflowName
            else {
                throw ServiceError(.notFound, "the workflow has no job with this id", path: "jobId")
            }
            return try Self.detail(job)
        }
    }

    func listMatchingJobs(
        _ request: EntityResolution.ListMatchingJobsRequest, context: RequestContext
    ) async throws -> EntityResolution.ListMatchingJobsResponse {
        try await answering {
            let workflow = try await workflow(request.workflowName)
            var query = JobQuery(family: .matching)
            query.workflow = workflow.number
            let list = [
                JobFamily.Service.entityResolution.rawValue, JobFamily.matching.rawValue, "\(workflow.number)",
            ]
            let page = try await queue.page(
                query, of: list, token: request.nextToken, limit: request.maxResults ?? Self.defaultPage,
                member: "nextToken")
            return EntityResolution.ListMatchingJobsResponse(
                jobs: page.jobs.map(Self.summary), nextToken: page.nextToken)
        }
    }

    private static func detail(_ job: Job) throws -> EntityResolution.GetMatchingJobResponse {
        let workflow = try EntityResolution.GetMatchingWorkflowResponse(
            json: ByteBuffer(string: job.workflowDocument ?? ""))
        let outputs = workflow.outputSourceConfig.compactMap { source in
            source.outputS3Path.map { path in
                EntityResolution.JobOutputSource(roleARN: workflow.roleARN, outputS3Path: path, kmsARN: source.kmsARN)
            }
        }
        return EntityResolution.GetMatchingJobResponse(
            jobID: job.key.id, status: EntityResolution.JobStatus(rawValue: job.status.name), startTime: job.submitted,
            endTime: job.ended,
            metrics: try job.metrics.map { try EntityResolution.JobMetrics(json: ByteBuffer(string: $0)) },
            errorDetails: job.message.map { EntityResolution.ErrorDetails(errorMessage: $0) },
            outputSourceConfig: outputs)
    }

    private static func summary(_ job: Job) -> EntityResolution.JobSummary {
        EntityResolution.JobSummary(
            jobID: job.key.id, status: EntityResolution.JobStatus(rawValue: job.status.name), startTime: job.submitted,
            endTime: job.ended)
    }
}
