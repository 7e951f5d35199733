import Jobline
import JoblineTesting

let startMethod = "ComprehendMedical.StartRxNormInferenceJob"
let describeMethod = "ComprehendMedical.DescribeRxNormInferenceJob"
let role = "arn:aws:iam::000000000000:role/jobline"

// Calls of a program under test.
extension JoblineClient {
    func startRxNorm(
        input: String? = nil, token: String? = nil, options: CallOptions = CallOptions()
    ) async throws(JoblineError) -> StartedJob<ComprehendMedical.StartJobResponse> {
        try await comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes", s3Key: input),
            outputDataConfig: .init(s3Bucket: "results", s3Key: "june"), dataAccessRoleARN: role, languageCode: .en,
            clientRequestToken: token, options: options)
    }

    func rxNorm(
        _ job: TestJob, options: CallOptions = CallOptions()
    ) async throws(JoblineError) -> ComprehendMedical.JobProperties? {
        try await comprehendMedical.describeRxNormInferenceJob(jobID: job.id, options: options).jobProperties
    }

    func createSegment(
        _ name: String
    ) async throws(JoblineError) -> StartedJob<Personalize.CreateBatchSegmentJobResponse> {
        try await personalize.createBatchSegmentJob(
            jobName: name, solutionVersionARN: "arn:aws:personalize:us-east-1:000000000000:solution/s/1",
            jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
            jobOutput: .init(s3DataDestination: .init(path: "s3://segments/")), roleARN: role)
    }

    func createMatchingWorkflow(_ name: String) async throws(JoblineError) {
        _ = try await entityResolution.createMatchingWorkflow(
            workflowName: name,
            inputSourceConfig: [
                .init(
                    inputSourceARN: "arn:aws:glue:us-east-1:000000000000:table/crm/people", schemaName: "people")
            ],
            outputSourceConfig: [.init(output: [.init(name: "name")], outputS3Path: "s3://matches/people/")],
            resolutionTechniques: .init(
                resolutionType: .ruleMatching,
                ruleBasedProperties: .init(
                    rules: [.init(ruleName: "name", matchingKeys: ["name"])], attributeMatchingModel: .oneToOne)),
            roleARN: role)
    }
}

/// The error of a call; nil where there is none.
func failure(_ call: () async throws(JoblineError) -> some Any) async -> JoblineError? {
    do throws(JoblineError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

/// The error of a step; nil where there is none.
func refusal(_ step: () async throws(TestServerError) -> some Any) async -> TestServerError? {
    do throws(TestServerError) {
        _ = try await step()
        return nil
    } catch {
        return error
    }
}
