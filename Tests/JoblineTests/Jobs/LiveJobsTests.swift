import Jobline
import JoblineTesting
import Testing

/// Jobs through the SDK, on the daemon's own code.
@Suite("Jobs of a server", .timeLimit(.minutes(1)))
struct LiveJobsTests {
    private static let role = "arn:aws:iam::000000000000:role/jobline"

    static let families: [JobFamily] = [
        .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference, .batchSegment,
        .batchInference, .matching, .idMapping,
    ]

    /// Starts a job and gets hold of it.
    private static func start(_ family: JobFamily, _ jobline: TestServer) async throws -> TestJob {
        let client = jobline.client
        switch family {
        case .batchSegment:
            _ = try await client.personalize.createBatchSegmentJob(
                jobName: "spring", solutionVersionARN: "arn:aws:personalize:us-east-1:000000000000:solution/s/1",
                jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
                jobOutput: .init(s3DataDestination: .init(path: "s3://segments/")), roleARN: role)
        case .batchInference:
            _ = try await client.personalize.createBatchInferenceJob(
                jobName: "spring", solutionVersionARN: "arn:aws:personalize:us-east-1:000000000000:solution/s/1",
                jobInput: .init(s3DataSource: .init(path: "s3://users/users.json")),
                jobOutput: .init(s3DataDestination: .init(path: "s3://items/")), roleARN: role)
        case .matching:
            _ = try await client.entityResolution.createMatchingWorkflow(
                workflowName: "people",
                inputSourceConfig: [.init(inputSourceARN: table("people"), schemaName: "people")],
                outputSourceConfig: [.init(output: [.init(name: "name")], outputS3Path: "s3://matches/")],
                resolutionTechniques: .init(
                    resolutionType: .ruleMatching,
                    ruleBasedProperties: .init(
                        rules: [.init(ruleName: "name", matchingKeys: ["name"])], attributeMatchingModel: .oneToOne)),
                roleARN: role)
            _ = try await client.entityResolution.startMatchingJob(workflowName: "people")
        case .idMapping:
            _ = try await client.entityResolution.createIDMappingWorkflow(
                workflowName: "people",
                inputSourceConfig: [
                    .init(inputSourceARN: table("people"), schemaName: "people", type: .source),
                    .init(inputSourceARN: table("readers"), schemaName: "people", type: .target),
                ],
                idMappingTechniques: .init(
                    idMappingType: .ruleBased,
                    ruleBasedProperties: .init(
                        ruleDefinitionType: .source, attributeMatchingModel: .oneToOne,
                        recordMatchingModel: .oneSourceToOneTarget,
                        rules: [.init(ruleName: "name", matchingKeys: ["name"])])),
                outputSourceConfig: [.init(outputS3Path: "s3://maps/")], roleARN: role)
            _ = try await client.entityResolution.startIDMappingJob(workflowName: "people")
        default:
            let json = """
                {"InputDataConfig":{"S3Bucket":"notes"},"OutputDataConfig":{"S3Bucket":"results"},
                 "DataAccessRoleArn":"\(role)","LanguageCode":"en"}
                """
            _ = try await client.call("ComprehendMedical.Start\(family.rawValue)Job", json: json)
        }
        return try await jobline.nextJob(family)
    }

    private static func table(_ name: String) -> String { "arn:aws:glue:us-east-1:000000000000:table/crm/\(name)" }

    @Test("One type shows a job of any family while it runs", arguments: families)
    func oneView(family: JobFamily) async throws {
        try await withJobline { jobline in
            let job = try await Self.start(family, jobline)
            let submitted = jobline.clock.now
            #expect(try await jobline.client.job(job.reference).state == .queued)
            try await job.run()
            jobline.clock.advance(by: .seconds(60))
            #expect(try await jobline.client.job(job.reference).state == .running)
            try await job.fail("no room")
            let shown = try await jobline.client.job(job.reference)
            #expect(shown.state == .failed)
            #expect(shown.message == "no room")
            #expect(shown.submitted == submitted)
            #expect(shown.ended == jobline.clock.now)
        }
    }

    @Test("Comprehend Medical stops its jobs, whatever kind they are", arguments: families.prefix(5))
    func stop(family: JobFamily) async throws {
        try await withJobline { jobline in
            let job = try await Self.start(family, jobline)
            try await job.run()
            try await jobline.client.stop(job.reference)
            try await job.waitUntil(.stopped)
            #expect(try await jobline.client.job(job.reference).state == .stopped)
            #expect(jobline.calls(of: "ComprehendMedical.Stop\(family.rawValue)Job") == 1)
        }
    }

    @Test("An unknown job is not found", arguments: families)
    func unknown(family: JobFamily) async throws {
        try await withJobline { jobline in
            let id = family.service == "Personalize" ? "arn:aws:personalize:us-east-1:000000000000:job/x" : "x"
            let reference = JobReference(family: family, id: id, workflow: family.hasWorkflows ? "people" : nil)
            let error = await JoblineClientTests.failure { () throws(JoblineError) in
                try await jobline.client.job(reference)
            }
            #expect([.notFound, .invalid].contains(error?.code))
        }
    }
}
