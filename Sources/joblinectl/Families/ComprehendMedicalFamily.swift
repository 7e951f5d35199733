internal import Jobline

/// The kinds of jobs of Amazon Comprehend Medical, which differ in nothing but their names.
struct ComprehendMedicalFamily: JobFamily {
    let name: String
    let summary: String
    private let startMethod: Method
    private let stopMethod: Method
    private let describeMethod: Method
    private let listMethod: Method

    private init(
        _ family: ComprehendMedical.Family, _ summary: String, start: Method, stop: Method, describe: Method,
        list: Method
    ) {
        name = family.rawValue
        self.summary = summary
        startMethod = start
        stopMethod = stop
        describeMethod = describe
        listMethod = list
    }

    static let all: [any JobFamily] = [
        Self(
            .entitiesDetectionV2, "finds conditions and medications in notes",
            start: .comprehendMedicalStartEntitiesDetectionV2Job, stop: .comprehendMedicalStopEntitiesDetectionV2Job,
            describe: .comprehendMedicalDescribeEntitiesDetectionV2Job,
            list: .comprehendMedicalListEntitiesDetectionV2Jobs),
        Self(
            .phiDetection, "finds names, addresses and the like in notes",
            start: .comprehendMedicalStartPHIDetectionJob, stop: .comprehendMedicalStopPHIDetectionJob,
            describe: .comprehendMedicalDescribePHIDetectionJob, list: .comprehendMedicalListPHIDetectionJobs),
        Self(
            .rxNormInference, "links medications in notes to RxNorm concepts",
            start: .comprehendMedicalStartRxNormInferenceJob, stop: .comprehendMedicalStopRxNormInferenceJob,
            describe: .comprehendMedicalDescribeRxNormInferenceJob, list: .comprehendMedicalListRxNormInferenceJobs),
        Self(
            .icd10cmInference, "links conditions in notes to ICD-10-CM codes",
            start: .comprehendMedicalStartICD10CMInferenceJob, stop: .comprehendMedicalStopICD10CMInferenceJob,
            describe: .comprehendMedicalDescribeICD10CMInferenceJob,
            list: .comprehendMedicalListICD10CMInferenceJobs),
        Self(
            .snomedctInference, "links findings in notes to SNOMED CT concepts",
            start: .comprehendMedicalStartSNOMEDCTInferenceJob, stop: .comprehendMedicalStopSNOMEDCTInferenceJob,
            describe: .comprehendMedicalDescribeSNOMEDCTInferenceJob,
            list: .comprehendMedicalListSNOMEDCTInferenceJobs),
    ]

    var example: String { "\(name) --input s3://notes/ --output s3://out/" }
    let required: [StartArgument] = [.input, .output]
    let optional: [StartArgument] = [.name, .role, .token, .kmsKey]
    let filters: [ListOption] = [.name, .status, .before, .after]
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

    var stop: StopCall? {
        { (reference, client) async throws(JoblineError) in
            let response: ComprehendMedical.StopJobResponse = try await client.call(
                stopMethod, ComprehendMedical.StopJobRequest(jobID: reference.id), options: CallOptions())
            return response.text
        }
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let response: ComprehendMedical.DescribeJobResponse = try await client.call(
            describeMethod, ComprehendMedical.DescribeJobRequest(jobID: reference.id), options: options)
        return job(response.jobProperties ?? ComprehendMedical.JobProperties(jobID: reference.id))
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        let request = ComprehendMedical.ListJobsRequest(
            filter: filter(query.filter), nextToken: query.nextToken, maxResults: query.pageSize)
        let response: ComprehendMedical.ListJobsResponse = try await client.call(
            listMethod, request, options: CallOptions())
        return JobPage(jobs: (response.jobPropertiesList ?? []).map(job), nextToken: response.nextToken)
    }

    private func filter(_ filter: ListFilter?) -> ComprehendMedical.JobFilter? {
        switch filter {
        case .name(let name): ComprehendMedical.JobFilter(jobName: name)
        case .status(let state):
            ComprehendMedical.JobFilter(
                jobStatus: ComprehendMedical.JobStatus(rawValue: Job.comparable(state).replacing(" ", with: "_")))
        case .before(let time): ComprehendMedical.JobFilter(submitTimeBefore: time)
        case .after(let time): ComprehendMedical.JobFilter(submitTimeAfter: time)
        case .solution, nil: nil
        }
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
