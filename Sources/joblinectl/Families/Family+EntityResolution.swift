internal import ArgumentParser
internal import Jobline

extension Family {
    /// Jobs of AWS Entity Resolution, which belong to workflows.
    static let entityResolution = [
        entityResolution(
            .matching, "finds the records of the same person or thing", example: "Matching people"
        ) { arguments, client in
            let workflow = arguments.text(.workflow)
            let response = try await client.entityResolution.startMatchingJob(workflowName: workflow)
            return response.reference
        },
        entityResolution(
            .idMapping, "maps the ids of records to the ids of other records", example: "IdMapping subscribers",
            optional: [.output, .role, .kmsKey, .jobType]
        ) { arguments, client in
            let workflow = arguments.text(.workflow)
            let response = try await client.entityResolution.startIDMappingJob(
                workflowName: workflow, outputSourceConfig: try output(arguments),
                jobType: arguments[.jobType].map { EntityResolution.JobType(rawValue: $0.uppercased()) })
            return response.reference
        },
    ]

    /// Returns the output location that overrides that of the workflow; nil if none is given.
    private static func output(_ arguments: StartArguments) throws -> [EntityResolution.JobOutputSource]? {
        guard let path = arguments[.output] else {
            if let surplus = [StartArgument.role, .kmsKey].first(where: { arguments[$0] != nil }) {
                throw ValidationError("\(surplus.rawValue) requires \(StartArgument.output.rawValue)")
            }
            return nil
        }
        return [
            EntityResolution.JobOutputSource(
                roleARN: arguments.role, outputS3Path: path, kmsARN: arguments[.kmsKey])
        ]
    }

    private static func entityResolution(
        _ kind: JobFamily, _ summary: String, example: String, optional: [StartArgument] = [],
        start: @escaping @Sendable (StartArguments, JoblineClient) async throws -> JobReference
    ) -> Family {
        Family(
            kind: kind, summary: summary, example: example, required: [.workflow], optional: optional,
            statuses: EntityResolution.JobStatus.known.map { Status(word: $0.rawValue, state: JobState($0)) },
            maximumPage: 25, start: start)
    }
}
