internal import Jobline

/// The kinds of jobs of Amazon Comprehend Medical, which differ in nothing but their names.
struct ComprehendMedicalFamily: JobFamily {
    let name: String
    let summary: String
    let startMethod: Method
    let describeMethod: Method
    let listMethod: Method

    static let all: [any JobFamily] = [
        ComprehendMedicalFamily(
            name: ComprehendMedical.Family.entitiesDetectionV2.rawValue,
            summary: "finds conditions and medications in notes",
            startMethod: .comprehendMedicalStartEntitiesDetectionV2Job,
            describeMethod: .comprehendMedicalDescribeEntitiesDetectionV2Job,
            listMethod: .comprehendMedicalListEntitiesDetectionV2Jobs),
        ComprehendMedicalFamily(
            name: ComprehendMedical.Family.rxNormInference.rawValue,
            summary: "links medications in notes to RxNorm concepts",
            startMethod: .comprehendMedicalStartRxNormInferenceJob,
            describeMethod: .comprehendMedicalDescribeRxNormInferenceJob,
            listMethod: .comprehendMedicalListRxNormInferenceJobs),
        ComprehendMedicalFamily(
            name: ComprehendMedical.Family.snomedctInference.rawValue,
            summary: "links findings in notes to SNOMED CT concepts",
            startMethod: .comprehendMedicalStartSNOMEDCTInferenceJob,
            describeMethod: .comprehendMedicalDescribeSNOMEDCTInferenceJob,
            listMethod: .comprehendMedicalListSNOMEDCTInferenceJobs),
    ]

    var example: String { "\(name) --input s3://notes/ --output s3://out/" }
    let required: [StartArgument] = [.input, .output]
    let optional: [StartArgument] = [.name, .role, .token, .kmsKey]
    let goodEnds: Set<String> = ["COMPLETED"]
    let badEnds: Set<String> = ["PARTIAL SUCCESS", "FAILED", "STOPPED"]
    let maximumPage = 500

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        let input = try S3Location(arguments.text(.input), for: .input)
        let output = try S3Location(arguments.text(.output), for: .output)
        let request = ComprehendMedical.StartJobRequest(
            inputDataConfig: ComprehendMedical.InputDataConfig(s3Bucket: input.bucket, s3Key: input.key),
            outputDataConfig: ComprehendMedical.OutputDataConfig(s3Bucket: output.bucket, s3Key: output.key),
            dataAccessRoleARN: arguments.role, languageCode: .en, jobName: arguments[.name],
            clientRequestToken: arguments[.token] ?? client.makeToken(), kmsKey: arguments[.kmsKey])
        let response: ComprehendMedical.StartJobResponse = try await client.call(
            startMethod, request, options: CallOptions())
        return StartedJob(reference: response.jobID ?? "", json: response.text)
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let response: ComprehendMedical.DescribeJobResponse = try await client.call(
            describeMethod, ComprehendMedical.DescribeJobRequest(jobID: reference.id), options: options)
        return job(response.jobProperties ?? ComprehendMedical.JobProperties(jobID: reference.id))
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        let response: ComprehendMedical.ListJobsResponse = try await client.call(
            listMethod, ComprehendMedical.ListJobsRequest(nextToken: query.nextToken, maxResults: query.pageSize),
            options: CallOptions())
        return JobPage(jobs: (response.jobPropertiesList ?? []).map(job), nextToken: response.nextToken)
    }

    private func job(_ properties: ComprehendMedical.JobProperties) -> Job {
        let input = properties.inputDataConfig
        let output = properties.outputDataConfig
        return Job(
            reference: properties.jobID ?? "", name: properties.jobName, state: properties.jobStatus?.rawValue ?? "?",
            standing: standing(properties.jobStatus?.rawValue), started: properties.submitTime,
            ended: properties.endTime, message: properties.message,
            details: [
                ("Input", S3Location.text(bucket: input?.s3Bucket, key: input?.s3Key)),
                ("Output", S3Location.text(bucket: output?.s3Bucket, key: output?.s3Key)),
                ("Expires", properties.expirationTime?.text),
                ("Model", properties.modelVersion),
            ],
            json: properties.text)
    }
}
