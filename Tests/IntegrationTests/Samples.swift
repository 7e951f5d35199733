import Jobline
import TestSupport

/// The samples and example executors of the checkout, set up for a daemon under test.
enum Samples {
    static let role = "arn:aws:iam::000000000000:role/\(Secret.word)"
    static let solution = "arn:aws:personalize:us-east-1:000000000000:solution/\(Secret.word)/v1"
    static let table = "arn:aws:glue:us-east-1:000000000000:table/sample/customers"

    /// Settings that run the example executors, with `more` appended.
    static func settings(_ more: String = "") -> String {
        let interactions = ["--interactions", Project.file("deploy/samples/interactions.csv")]
        let commands = [
            ("rxNormInference", "rxnorm", []), ("batchSegment", "batch-segment", interactions),
            ("batchInference", "batch-inference", interactions), ("matching", "matching", []),
            ("idMapping", "id-mapping", []),
        ]
        let executors = commands.map { family, program, arguments in
            let words = [Project.file("deploy/executors/" + program)] + arguments
            return "  \(family): {command: [\(words.map { "\"\($0)\"" }.joined(separator: ", "))]}"
        }
        return (["executors:"] + executors + [more]).joined(separator: "\n")
    }

    /// Puts the sample input where `s3://notes/`, `s3://items/` and the sample tables are.
    static func install(in directory: TestDirectory) throws {
        try directory.copy(Project.file("deploy/samples/notes"), to: "state/buckets/notes")
        for name in ["items.json", "users.json"] {
            try directory.copy(Project.file("deploy/samples/" + name), to: "state/buckets/items/" + name)
        }
        for name in ["customers", "subscribers"] {
            try directory.copy(Project.file("deploy/samples/" + name), to: "state/tables/sample/" + name)
        }
        try directory.copy(Project.file("deploy/samples/schemas"), to: "state/schemas")
    }

    static func createWorkflow(_ client: JoblineClient, named name: String = "customers") async throws {
        _ = try await client.entityResolution.createMatchingWorkflow(
            workflowName: name,
            inputSourceConfig: [.init(inputSourceARN: table, schemaName: "customers", applyNormalization: true)],
            outputSourceConfig: [
                .init(
                    output: [.init(name: "last_name"), .init(name: "email", hashed: true)],
                    outputS3Path: "s3://results/matching/")
            ],
            resolutionTechniques: .init(
                resolutionType: .ruleMatching,
                ruleBasedProperties: .init(
                    rules: [
                        .init(ruleName: "same email", matchingKeys: ["email"]),
                        .init(ruleName: "same phone", matchingKeys: ["phone"]),
                    ],
                    attributeMatchingModel: .oneToOne)),
            roleARN: role)
    }

    /// Looks again and again until a job has ended; the test's own time limit bounds it.
    static func untilEnded<Job>(
        _ look: () async throws -> Job, ended: (Job) -> Bool
    ) async throws -> Job {
        while true {
            let job = try await look()
            if ended(job) { return job }
            // Leaves the two cores to the executor; nothing depends on how long this takes.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
