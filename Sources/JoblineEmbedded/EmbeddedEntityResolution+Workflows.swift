internal import JoblineProtocol
internal import NIOCore

extension EmbeddedEntityResolution {
    func createMatchingWorkflow(
        _ request: EntityResolution.CreateMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.CreateMatchingWorkflowResponse {
        try await answering {
            try Self.check(request)
            let (region, account) = (queue.configuration.region, queue.configuration.accountID)
            let now = queue.now()
            let workflow = Workflow(
                kind: .matching, name: request.workflowName,
                arn: "arn:aws:entityresolution:\(region):\(account):matchingworkflow/\(request.workflowName)",
                document: String(buffer: request.json()), created: now, updated: now)
            guard try await queue.store.insert(workflow) else {
                throw ServiceError(.alreadyExists, "a workflow has this name", path: "workflowName")
            }
            return EntityResolution.CreateMatchingWorkflowResponse(
                workflowName: request.workflowName, workflowARN: workflow.arn,
                inputSourceConfig: request.inputSourceConfig, outputSourceConfig: request.outputSourceConfig,
                resolutionTechniques: request.resolutionTechniques, roleARN: request.roleARN,
                description: request.description, incrementalRunConfig: request.incrementalRunConfig)
        }
    }

    /// Refuses at once what no job could read or write here.
    private static func check(_ request: EntityResolution.CreateMatchingWorkflowRequest) throws {
        for (index, source) in request.inputSourceConfig.enumerated() {
            _ = try naming("inputSourceConfig[\(index)].inputSourceARN") { () throws(PlaceError) in
                try Places.names(ofTable: source.inputSourceARN)
            }
        }
        for (index, output) in request.outputSourceConfig.enumerated() {
            _ = try naming("outputSourceConfig[\(index)].outputS3Path") { () throws(PlaceError) in
                try ObjectLocation(uri: output.outputS3Path ?? "")
            }
        }
    }

    func getMatchingWorkflow(
        _ request: EntityResolution.GetMatchingWorkflowRequest, context: RequestContext
    ) async throws -> EntityResolution.GetMatchingWorkflowResponse {
        try await answering { try shown(try await workflow(request.workflowName)) }
    }

    static var noWorkflow: ServiceError {
        ServiceError(.notFound, "no matching workflow has this name", path: "workflowName")
    }

    func workflow(_ name: String) async throws -> Workflow {
        guard let workflow = try await queue.store.workflow(.matching, named: name) else { throw Self.noWorkflow }
        return workflow
    }

    /// A workflow as the service shows it.
    func shown(_ workflow: Workflow) throws -> EntityResolution.GetMatchingWorkflowResponse {
        let request = try EntityResolution.CreateMatchingWorkflowRequest(json: ByteBuffer(string: workflow.document))
        return EntityResolution.GetMatchingWorkflowResponse(
            workflowName: workflow.name, workflowARN: workflow.arn, inputSourceConfig: request.inputSourceConfig,
            outputSourceConfig: request.outputSourceConfig, resolutionTechniques: request.resolutionTechniques,
            createdAt: workflow.created, updatedAt: workflow.updated, roleARN: request.roleARN,
            description: request.description, incrementalRunConfig: request.incrementalRunConfig, tags: request.tags)
    }
}
