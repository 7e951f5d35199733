internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension EmbeddedEntityResolution {
    func createMatchingWorkflow(
        _ request: EntityResolution.CreateMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.CreateMatchingWorkflowResponse {
        try await mapServiceErrors {
            try WorkflowRules.check(
                request.inputSourceConfig, request.outputSourceConfig, request.resolutionTechniques,
                request.incrementalRunConfig)
            try Tags.check(request.tags)
            let workflow = try await workflows.create(.matching, request.workflowName, request)
            return EntityResolution.CreateMatchingWorkflowResponse(
                workflowName: request.workflowName, workflowARN: workflow.arn,
                inputSourceConfig: request.inputSourceConfig, outputSourceConfig: request.outputSourceConfig,
                resolutionTechniques: request.resolutionTechniques, roleARN: request.roleARN,
                description: request.description, incrementalRunConfig: request.incrementalRunConfig)
        }
    }

    func getMatchingWorkflow(
        _ request: EntityResolution.GetMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingWorkflowResponse {
        try await mapServiceErrors { try Self.shownMatching(try await workflows.find(.matching, request.workflowName)) }
    }

    /// Returns a workflow as the service shows it.
    static func shownMatching(_ workflow: Workflow) throws -> EntityResolution.GetMatchingWorkflowResponse {
        let request = try EntityResolution.CreateMatchingWorkflowRequest(json: ByteBuffer(string: workflow.document))
        return EntityResolution.GetMatchingWorkflowResponse(
            workflowName: workflow.name, workflowARN: workflow.arn, inputSourceConfig: request.inputSourceConfig,
            outputSourceConfig: request.outputSourceConfig, resolutionTechniques: request.resolutionTechniques,
            createdAt: workflow.created, updatedAt: workflow.updated, roleARN: request.roleARN,
            description: request.description, incrementalRunConfig: request.incrementalRunConfig, tags: request.tags)
    }

    func listMatchingWorkflows(
        _ request: EntityResolution.ListMatchingWorkflowsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListMatchingWorkflowsResponse> {
        try await mapServiceErrors {
            try await workflows.page(
                .matching, after: request.nextToken, limit: request.maxResults, context
            ) { workflow in
                let request = try EntityResolution.CreateMatchingWorkflowRequest(
                    json: ByteBuffer(string: workflow.document))
                return EntityResolution.MatchingWorkflowSummary(
                    workflowName: workflow.name, workflowARN: workflow.arn, createdAt: workflow.created,
                    updatedAt: workflow.updated, resolutionType: request.resolutionTechniques.resolutionType)
            }
        }
    }

    func updateMatchingWorkflow(
        _ request: EntityResolution.UpdateMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.UpdateMatchingWorkflowResponse {
        try await mapServiceErrors {
            try WorkflowRules.check(
                request.inputSourceConfig, request.outputSourceConfig, request.resolutionTechniques,
                request.incrementalRunConfig)
            let workflow = try await workflows.find(.matching, request.workflowName)
            let before = try EntityResolution.CreateMatchingWorkflowRequest(json: ByteBuffer(string: workflow.document))
            let document = EntityResolution.CreateMatchingWorkflowRequest(
                workflowName: request.workflowName, inputSourceConfig: request.inputSourceConfig,
                outputSourceConfig: request.outputSourceConfig, resolutionTechniques: request.resolutionTechniques,
                roleARN: request.roleARN, description: request.description,
                incrementalRunConfig: request.incrementalRunConfig, tags: before.tags)
            _ = try await workflows.update(workflow, with: document)
            return EntityResolution.UpdateMatchingWorkflowResponse(
                workflowName: request.workflowName, inputSourceConfig: request.inputSourceConfig,
                outputSourceConfig: request.outputSourceConfig, resolutionTechniques: request.resolutionTechniques,
                roleARN: request.roleARN, description: request.description,
                incrementalRunConfig: request.incrementalRunConfig)
        }
    }

    func deleteMatchingWorkflow(
        _ request: EntityResolution.DeleteMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.DeleteMatchingWorkflowResponse {
        try await mapServiceErrors {
            EntityResolution.DeleteMatchingWorkflowResponse(
                message: try await workflows.delete(.matching, request.workflowName))
        }
    }
}
