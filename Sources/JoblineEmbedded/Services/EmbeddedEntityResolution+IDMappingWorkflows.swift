internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension EmbeddedEntityResolution {
    func createIDMappingWorkflow(
        _ request: EntityResolution.CreateIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.CreateIdMappingWorkflowResponse {
        try await mapServiceErrors {
            try WorkflowRules.check(
                request.inputSourceConfig, request.outputSourceConfig, request.idMappingTechniques)
            try Tags.check(request.tags)
            let workflow = try await workflows.create(.idMapping, request.workflowName, request)
            return EntityResolution.CreateIdMappingWorkflowResponse(
                workflowName: request.workflowName, workflowARN: workflow.arn,
                inputSourceConfig: request.inputSourceConfig, idMappingTechniques: request.idMappingTechniques,
                outputSourceConfig: request.outputSourceConfig, roleARN: request.roleARN,
                description: request.description, incrementalRunConfig: request.incrementalRunConfig)
        }
    }

    func getIDMappingWorkflow(
        _ request: EntityResolution.GetIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.GetIdMappingWorkflowResponse {
        try await mapServiceErrors {
            try Self.shownIDMapping(try await workflows.find(.idMapping, request.workflowName))
        }
    }

    /// Returns a workflow as the service shows it.
    static func shownIDMapping(_ workflow: Workflow) throws -> EntityResolution.GetIdMappingWorkflowResponse {
        let request = try EntityResolution.CreateIdMappingWorkflowRequest(json: ByteBuffer(string: workflow.document))
        return EntityResolution.GetIdMappingWorkflowResponse(
            workflowName: workflow.name, workflowARN: workflow.arn, createdAt: workflow.created,
            updatedAt: workflow.updated, inputSourceConfig: request.inputSourceConfig,
            idMappingTechniques: request.idMappingTechniques, outputSourceConfig: request.outputSourceConfig,
            roleARN: request.roleARN, description: request.description,
            incrementalRunConfig: request.incrementalRunConfig, tags: request.tags)
    }

    func listIDMappingWorkflows(
        _ request: EntityResolution.ListIdMappingWorkflowsRequest, context: RequestContext
    ) async throws -> Encoded<EntityResolution.ListIdMappingWorkflowsResponse> {
        try await mapServiceErrors {
            try await workflows.page(
                .idMapping, after: request.nextToken, limit: request.maxResults, context
            ) { workflow in
                EntityResolution.IdMappingWorkflowSummary(
                    workflowName: workflow.name, workflowARN: workflow.arn, createdAt: workflow.created,
                    updatedAt: workflow.updated)
            }
        }
    }

    func updateIDMappingWorkflow(
        _ request: EntityResolution.UpdateIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.UpdateIdMappingWorkflowResponse {
        try await mapServiceErrors {
            try WorkflowRules.check(
                request.inputSourceConfig, request.outputSourceConfig, request.idMappingTechniques)
            let workflow = try await workflows.find(.idMapping, request.workflowName)
            let before = try EntityResolution.CreateIdMappingWorkflowRequest(
                json: ByteBuffer(string: workflow.document))
            let document = EntityResolution.CreateIdMappingWorkflowRequest(
                workflowName: request.workflowName, inputSourceConfig: request.inputSourceConfig,
                idMappingTechniques: request.idMappingTechniques, outputSourceConfig: request.outputSourceConfig,
                roleARN: request.roleARN, description: request.description,
                incrementalRunConfig: request.incrementalRunConfig, tags: before.tags)
            _ = try await workflows.update(workflow, with: document)
            return EntityResolution.UpdateIdMappingWorkflowResponse(
                workflowName: request.workflowName, workflowARN: workflow.arn,
                inputSourceConfig: request.inputSourceConfig, idMappingTechniques: request.idMappingTechniques,
                outputSourceConfig: request.outputSourceConfig, roleARN: request.roleARN,
                description: request.description, incrementalRunConfig: request.incrementalRunConfig)
        }
    }

    func deleteIDMappingWorkflow(
        _ request: EntityResolution.DeleteIdMappingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.DeleteIdMappingWorkflowResponse {
        try await mapServiceErrors {
            EntityResolution.DeleteIdMappingWorkflowResponse(
                message: try await workflows.delete(.idMapping, request.workflowName))
        }
    }
}
