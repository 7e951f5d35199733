import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineEmbedded

@Suite("Workflows, embedded", .timeLimit(.minutes(1)))
struct WorkflowTests {
    private let bench: Bench

    init() throws {
        bench = try Bench(scripts: [.matching: "exit 0", .idMapping: "exit 0"])
        try bench.sandbox.write("id,name\n1,Ann\n", to: "state/tables/crm/people/part.csv")
    }

    private func update(
        _ backend: EmbeddedBackend, _ name: String, output: String = "s3://elsewhere/", description: String? = nil
    ) async throws -> EntityResolution.UpdateMatchingWorkflowResponse {
        let made = bench.matchingWorkflow(name, output: output)
        return try await backend.entityResolution.updateMatchingWorkflow(
            .init(
                workflowName: name, inputSourceConfig: made.inputSourceConfig,
                outputSourceConfig: made.outputSourceConfig, resolutionTechniques: made.resolutionTechniques,
                roleARN: made.roleARN, description: description),
            context: bench.context)
    }

    @Test("Pages show every workflow of a kind once, ordered by name, across a restart")
    func list() async throws {
        var token: String?
        do {
            let backend = try bench.open()
            for name in ["d", "b", "A", "c", "a"] { try await bench.createMatchingWorkflow(backend, name) }
            try await bench.createIDMappingWorkflow(backend, "z")
            let first = try await backend.entityResolution.listMatchingWorkflows(
                .init(maxResults: 3), context: bench.context
            ).decoded()
            #expect(first.workflowSummaries?.map(\.workflowName) == ["A", "a", "b"])
            #expect(first.workflowSummaries?.first?.resolutionType == .ruleMatching)
            token = first.nextToken
        }
        let backend = try bench.open()
        try await bench.createMatchingWorkflow(backend, "aa")
        let second = try await backend.entityResolution.listMatchingWorkflows(
            .init(nextToken: token), context: bench.context
        ).decoded()
        #expect(second.workflowSummaries?.map(\.workflowName) == ["c", "d"])
        #expect(second.nextToken == nil)
        let foreign = await refusal {
            try await backend.entityResolution.listIDMappingWorkflows(.init(nextToken: token), context: bench.context)
                .decoded()
        }
        #expect(foreign?.code == .invalidToken && foreign?.path == "nextToken")
        let other = try await backend.entityResolution.listIDMappingWorkflows(.init(), context: bench.context).decoded()
        #expect(other.workflowSummaries?.map(\.workflowName) == ["z"])
        #expect(
            other.workflowSummaries?.first?.workflowARN
                == "arn:aws:entityresolution:eu-central-1:123456789012:idmappingworkflow/z")
    }

    @Test(
        "An update replaces everything except name, tags and creation time; jobs keep the workflow of their start")
    func update() async throws {
        let backend = try bench.open()
        try await bench.createMatchingWorkflow(backend, "people")
        let made = bench.clock.now()
        let id = try await backend.entityResolution.startMatchingJob(
            .init(workflowName: "people"), context: bench.context
        ).jobID
        bench.clock.advance(seconds: 5)
        let answer = try await update(backend, "people")
        #expect(answer.outputSourceConfig.first?.outputS3Path == "s3://elsewhere/")
        #expect(answer.description == nil)
        let shown = try await backend.entityResolution.getMatchingWorkflow(
            .init(workflowName: "people"), context: bench.context)
        #expect(shown.outputSourceConfig.first?.outputS3Path == "s3://elsewhere/")
        #expect(shown.description == nil)
        #expect(shown.tags == ["team": "crm"])
        #expect(shown.createdAt == made)
        #expect(shown.updatedAt == bench.clock.now())
        let job = try await backend.entityResolution.getMatchingJob(
            .init(workflowName: "people", jobID: id), context: bench.context)
        #expect(job.outputSourceConfig?.first?.outputS3Path == "s3://matches/people/")
    }

    @Test("An update of an unknown workflow or to an unusable one is refused")
    func updateRefused() async throws {
        let backend = try bench.open()
        #expect(await refusal { try await update(backend, "people") }?.code == .notFound)
        try await bench.createMatchingWorkflow(backend, "people")
        let places = await refusal { try await update(backend, "people", output: "s3://matches/../x") }
        #expect(places?.code == .invalid && places?.path == "outputSourceConfig[0].outputS3Path")
    }

    @Test("Deletion removes the jobs, is refused while one is open, and is idempotent")
    func delete() async throws {
        try await bench.run { backend in
            let services = backend.entityResolution
            let delete = EntityResolution.DeleteMatchingWorkflowRequest(workflowName: "people")
            #expect(
                try await services.deleteMatchingWorkflow(delete, context: bench.context).message
                    == "there is no matching workflow of this name any more")
            try await bench.createMatchingWorkflow(backend, "people")
            let id = try await bench.matchingJob(backend, "people")
            _ = try await services.deleteMatchingWorkflow(delete, context: bench.context)
            let gone = await refusal {
                try await services.getMatchingJob(.init(workflowName: "people", jobID: id), context: bench.context)
            }
            #expect(gone?.code == .notFound)
            // A recreated workflow does not show the jobs of the deleted one.
            try await bench.createMatchingWorkflow(backend, "people")
            let jobs = try await services.listMatchingJobs(.init(workflowName: "people"), context: bench.context)
                .decoded()
            #expect(jobs.jobs == [])
            let old = await refusal {
                try await services.getMatchingJob(.init(workflowName: "people", jobID: id), context: bench.context)
            }
            #expect(old?.code == .notFound)
        }
        let backend = try bench.open()
        _ = try await backend.entityResolution.startMatchingJob(.init(workflowName: "people"), context: bench.context)
        let busy = await refusal {
            try await backend.entityResolution.deleteMatchingWorkflow(
                .init(workflowName: "people"), context: bench.context)
        }
        #expect(busy?.code == .conflict && busy?.path == "workflowName")
    }

    @Test("The kinds share no names")
    func kinds() async throws {
        let backend = try bench.open()
        try await bench.createMatchingWorkflow(backend, "people")
        try await bench.createIDMappingWorkflow(backend, "people")
        #expect(await refusal { try await bench.createIDMappingWorkflow(backend, "people") }?.code == .alreadyExists)
        _ = try await backend.entityResolution.deleteIDMappingWorkflow(
            .init(workflowName: "people"), context: bench.context)
        _ = try await backend.entityResolution.getMatchingWorkflow(
            .init(workflowName: "people"), context: bench.context)
        let gone = await refusal {
            try await backend.entityResolution.getIDMappingWorkflow(
                .init(workflowName: "people"), context: bench.context)
        }
        #expect(gone?.code == .notFound)
    }
}
