import JoblineBackend
import JoblineProtocol

/// The services that no test of the server needs.
struct UnusedServices: PersonalizeService, EntityResolutionService {
    private var unused: ServiceError { ServiceError(.unavailable, "not part of this test") }

    func createBatchSegmentJob(
        _ request: Personalize.CreateBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.CreateBatchSegmentJobResponse { throw unused }

    func describeBatchSegmentJob(
        _ request: Personalize.DescribeBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.DescribeBatchSegmentJobResponse { throw unused }

    func listBatchSegmentJobs(
        _ request: Personalize.ListBatchSegmentJobsRequest, context: RequestContext
    ) async throws -> Encoded<Personalize.ListBatchSegmentJobsResponse> { throw unused }

    func createBatchInferenceJob(
        _ request: Personalize.CreateBatchInferenceJobRequest, context: RequestContext
    ) async throws -> Personalize.CreateBatchInferenceJobResponse { throw unused }

    func describeBatchInferenceJob(
        _ request: Personalize.DescribeBatchInferenceJobRequest, context: RequestContext
    ) async throws -> Personalize.DescribeBatchInferenceJobResponse { throw unused }

    func listBatchInferenceJobs(
        _ request: Personalize.ListBatchInferenceJobsRequest, context: RequestContext
    ) async throws -> Encoded<Personalize.ListBatchInferenceJobsResponse> { throw unused }

    func createMatchingWorkflow(
        _ request: EntityResolution.CreateMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.CreateMatchingWorkflowResponse { throw unused }

    func getMatchingWorkflow(
        _ request: EntityResolution.GetMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingWorkflowResponse { throw unused }

    func listMatchingWorkflows(
        _ request: EntityResolution.ListMatchingWorkflowsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListMatchingWorkflowsResponse> { throw unused }

    func updateMatchingWorkflow(
        _ request: EntityResolution.UpdateMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.UpdateMatchingWorkflowResponse { throw unused }

    func deleteMatchingWorkflow(
        _ request: EntityResolution.DeleteMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.DeleteMatchingWorkflowResponse { throw unused }

    func startMatchingJob(
        _ request: EntityResolution.StartMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.StartMatchingJobResponse { throw unused }

    func getMatchingJob(
        _ request: EntityResolution.GetMatchingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingJobResponse { throw unused }

    func listMatchingJobs(
        _ request: EntityResolution.ListMatchingJobsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListMatchingJobsResponse> { throw unused }

    func createIDMappingWorkflow(
        _ request: EntityResolution.CreateIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.CreateIdMappingWorkflowResponse { throw unused }

    func getIDMappingWorkflow(
        _ request: EntityResolution.GetIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.GetIdMappingWorkflowResponse { throw unused }

    func listIDMappingWorkflows(
        _ request: EntityResolution.ListIdMappingWorkflowsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListIdMappingWorkflowsResponse> { throw unused }

    func updateIDMappingWorkflow(
        _ request: EntityResolution.UpdateIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.UpdateIdMappingWorkflowResponse { throw unused }

    func deleteIDMappingWorkflow(
        _ request: EntityResolution.DeleteIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.DeleteIdMappingWorkflowResponse { throw unused }

    func startIDMappingJob(
        _ request: EntityResolution.StartIdMappingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.StartIdMappingJobResponse { throw unused }

    func getIDMappingJob(
        _ request: EntityResolution.GetIdMappingJobRequest, context: RequestContext
    ) async throws -> EntityResolution.GetIdMappingJobResponse { throw unused }

    func listIDMappingJobs(
        _ request: EntityResolution.ListIdMappingJobsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListIdMappingJobsResponse> { throw unused }
}
