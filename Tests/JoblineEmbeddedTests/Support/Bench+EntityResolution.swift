import JoblineBackend
import JoblineProtocol
import TestSupport

@testable import JoblineEmbedded

extension Bench {
    static let role = "arn:aws:iam::123456789012:role/\(Secret.word)"
    /// Schema of the workflows.
    static let peopleSchema = #"{"mappedInputFields":[{"fieldName":"id","type":"UNIQUE_ID"}]}"#
    static let people = "arn:aws:glue:eu-central-1:123456789012:table/crm/people"

    func matchingWorkflow(
        _ name: String, table: String = people, output: String? = "s3://matches/people/"
    ) -> EntityResolution.CreateMatchingWorkflowRequest {
        .init(
            workflowName: name, inputSourceConfig: [.init(inputSourceARN: table, schemaName: "people")],
            outputSourceConfig: [.init(output: [.init(name: "name")], outputS3Path: output)],
            resolutionTechniques: .init(
                resolutionType: .ruleMatching,
                ruleBasedProperties: .init(
                    rules: [.init(ruleName: "name", matchingKeys: ["name"])], attributeMatchingModel: .oneToOne)),
            roleARN: Self.role, description: "who is who", tags: ["team": "crm"])
    }

    /// A bench with a table, whose matching jobs run a shell script.
    static func matching(_ script: String = "exit 0") throws -> Bench {
        let bench = try Bench(scripts: [.matching: script])
        try bench.sandbox.write("id,name\n1,Ann\n", to: "state/tables/crm/people/part.csv")
        return bench
    }

    func createMatchingWorkflows(_ backend: EmbeddedBackend, _ names: String...) async throws {
        for name in names { try await createMatchingWorkflow(backend, name) }
    }

    func startMatchingJob(_ backend: EmbeddedBackend, _ name: String) async throws -> String {
        try await backend.entityResolution.startMatchingJob(.init(workflowName: name), context: context).jobID
    }

    func getMatchingJob(
        _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await backend.entityResolution.getMatchingJob(.init(workflowName: name, jobID: id), context: context)
    }

    /// Returns a matching job once it has ended.
    func endedMatchingJob(
        _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await backend.ended(id, hasEnded: { $0.endTime != nil }) { try await getMatchingJob(backend, name, id) }
    }

    func createMatchingWorkflow(_ backend: EmbeddedBackend, _ name: String) async throws {
        _ = try await backend.entityResolution.createMatchingWorkflow(matchingWorkflow(name), context: context)
    }

    /// Runs a job of a matching workflow to its end.
    func matchingJob(_ backend: EmbeddedBackend, _ name: String) async throws -> String {
        let changes = backend.changes()
        let id = try await backend.entityResolution.startMatchingJob(.init(workflowName: name), context: context).jobID
        for await change in changes where change.key.id == id && change.isFinal { break }
        return id
    }

    func idMappingWorkflow(
        _ name: String, target: String = people, output: String? = "s3://maps/people/", role: String? = role
    ) -> EntityResolution.CreateIdMappingWorkflowRequest {
        .init(
            workflowName: name,
            inputSourceConfig: [
                .init(inputSourceARN: Self.people, schemaName: "people", type: .source),
                .init(inputSourceARN: target, type: .target),
            ],
            idMappingTechniques: .init(
                idMappingType: .ruleBased,
                ruleBasedProperties: .init(
                    ruleDefinitionType: .source, attributeMatchingModel: .oneToOne,
                    recordMatchingModel: .oneSourceToOneTarget,
                    rules: [.init(ruleName: "name", matchingKeys: ["name"])])),
            outputSourceConfig: output.map { [.init(outputS3Path: $0)] }, roleARN: role, description: "who is whose",
            tags: ["team": "crm"])
    }

    func createIDMappingWorkflow(_ backend: EmbeddedBackend, _ name: String) async throws {
        _ = try await backend.entityResolution.createIDMappingWorkflow(idMappingWorkflow(name), context: context)
    }
}
