internal import Jobline

extension Family {
    /// Jobs of Amazon Comprehend Medical; the families only differ in name.
    static let comprehendMedical = [
        comprehendMedical(
            .entitiesDetectionV2, "finds conditions and medications in notes",
            .comprehendMedicalStartEntitiesDetectionV2Job),
        comprehendMedical(
            .phiDetection, "finds names, addresses and the like in notes", .comprehendMedicalStartPHIDetectionJob),
        comprehendMedical(
            .rxNormInference, "links medications in notes to RxNorm concepts",
            .comprehendMedicalStartRxNormInferenceJob),
        comprehendMedical(
            .icd10cmInference, "links conditions in notes to ICD-10-CM codes",
            .comprehendMedicalStartICD10CMInferenceJob),
        comprehendMedical(
            .snomedctInference, "links findings in notes to SNOMED CT concepts",
            .comprehendMedicalStartSNOMEDCTInferenceJob),
    ]

    private static func comprehendMedical(
        _ kind: ComprehendMedical.Family, _ summary: String, _ method: Method
    ) -> Family {
        Family(
            kind: JobFamily(kind), summary: summary,
            example: "\(kind.rawValue) --input s3://notes/ --output s3://out/",
            required: [.input, .output], optional: [.name, .role, .token, .kmsKey],
            statuses: ComprehendMedical.JobStatus.known.map { Status(word: $0.rawValue, state: JobState($0)) },
            maximumPage: 500
        ) { arguments, client in
            let input = try S3Location(arguments.text(.input), for: .input)
            let output = try S3Location(arguments.text(.output), for: .output)
            let request = ComprehendMedical.StartJobRequest(
                inputDataConfig: ComprehendMedical.InputDataConfig(s3Bucket: input.bucket, s3Key: input.key),
                outputDataConfig: ComprehendMedical.OutputDataConfig(s3Bucket: output.bucket, s3Key: output.key),
                dataAccessRoleARN: arguments.role, languageCode: .en, jobName: arguments[.name],
                clientRequestToken: arguments[.token], kmsKey: arguments[.kmsKey])
            let response: ComprehendMedical.StartJobResponse = try await client.call(
                method, request, options: CallOptions())
            guard let id = response.jobID else {
                throw CommandFailure(
                    message: "the answer names no job: see joblinectl list \(kind.rawValue)", status: .internalError)
            }
            return .comprehendMedical(kind, id)
        }
    }
}
