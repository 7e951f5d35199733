internal import Crypto
internal import JoblineProtocol
internal import NIOCore

/// Comprehend Medical's jobs: families that differ in nothing but their executor and the names of their output.
struct EmbeddedComprehendMedical: ComprehendMedicalService {
    /// What the service shows where a request does not say.
    private static let defaultPage = 100
    /// Characters of a key that the service can show.
    private static let longestKey = 1024

    let queue: JobQueue

    func startJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StartJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StartJobResponse {
        try await answering {
            let (input, output) = (request.inputDataConfig, request.outputDataConfig)
            _ = try naming("InputDataConfig.S3Key") { () throws(PlaceError) in
                try ObjectLocation(bucket: input.s3Bucket, key: input.s3Key ?? "")
            }
            let family = JobFamily(family)
            let id = queue.makeID()
            let directory = "\(queue.configuration.accountID)-\(family.outputType)-\(id)"
            let location = try naming("OutputDataConfig.S3Key") { () throws(PlaceError) in
                try ObjectLocation(bucket: output.s3Bucket, key: output.s3Key ?? "").directory(directory)
            }
            guard location.key.unicodeScalars.count <= Self.longestKey else {
                throw ServiceError(
                    .invalid, "with the name of the job's directory it is over \(Self.longestKey) characters",
                    path: "OutputDataConfig.S3Key")
            }
            let now = queue.now()
            let job = NewJob(
                key: JobKey(family, id), name: request.jobName, token: request.clientRequestToken,
                fingerprint: Self.fingerprint(request), submitted: now, expires: expiration(of: now),
                request: String(buffer: request.json()), output: location.uri)
            var admission = Admission()
            admission.hasExecutor = queue.configuration.executors[family] != nil
            return ComprehendMedical.StartJobResponse(jobID: try await admit(job, admission))
        }
    }

    private func admit(_ job: NewJob, _ admission: Admission) async throws -> String {
        switch try await queue.admit(job, admission) {
        case .admitted: return job.key.id
        case .repeated(let id): return id
        case .tokenTaken:
            throw ServiceError(
                .invalid, "the token came before with another request: use a new one", path: "ClientRequestToken")
        case .noExecutor: throw queue.missingExecutor(job.key.family)
        case .nameTaken, .quotaReached, .workflowBusy, .workflowGone:
            throw ServiceError(.failed, "the store answered what it cannot answer here")
        }
    }

    /// Whole seconds, as the service gives it.
    private func expiration(of submitted: Timestamp) -> Timestamp {
        let seconds = submitted.milliseconds / 1000 + queue.configuration.retention.components.seconds
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// Two requests are the same if all but their tokens is.
    private static func fingerprint(_ request: ComprehendMedical.StartJobRequest) -> String {
        var request = request
        request.clientRequestToken = nil
        return Base64URL.encode(Array(SHA256.hash(data: Array(buffer: request.json()))))
    }

    func stopJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StopJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StopJobResponse {
        try await answering {
            guard try await queue.stop(JobKey(JobFamily(family), request.jobID)) else { throw Self.notFound(family) }
            return ComprehendMedical.StopJobResponse(jobID: request.jobID)
        }
    }

    func describeJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.DescribeJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.DescribeJobResponse {
        try await answering {
            let key = JobKey(JobFamily(family), request.jobID)
            guard let job = try await queue.store.job(key, now: queue.now()) else { throw Self.notFound(family) }
            context.basis?.isAbout(job)
            return ComprehendMedical.DescribeJobResponse(jobProperties: try Self.properties(job))
        }
    }

    func listJobs(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.ListJobsRequest, context: RequestContext
    ) async throws -> ComprehendMedical.ListJobsResponse {
        try await answering {
            var query = JobQuery(family: JobFamily(family))
            query.name = request.filter?.jobName
            query.status = request.filter?.jobStatus?.rawValue
            query.submittedBefore = request.filter?.submitTimeBefore
            query.submittedAfter = request.filter?.submitTimeAfter
            query.order = query.submittedBefore == nil ? .newestFirst : .oldestFirst
            let list = [
                JobFamily.Service.comprehendMedical.rawValue, family.rawValue, query.name, query.status,
                query.submittedBefore.map { "\($0.milliseconds)" }, query.submittedAfter.map { "\($0.milliseconds)" },
            ]
            let page = try await queue.page(
                query, of: list, after: request.nextToken, limit: request.maxResults ?? Self.defaultPage,
                member: "NextToken")
            return ComprehendMedical.ListJobsResponse(
                jobPropertiesList: try page.elements.map(Self.properties), nextToken: page.nextToken)
        }
    }

    private static func notFound(_ family: ComprehendMedical.Family) -> ServiceError {
        ServiceError(.notFound, "no \(family.rawValue) job has this id", path: "JobId")
    }

    /// A job as the service shows it.
    static func properties(_ job: Job) throws -> ComprehendMedical.JobProperties {
        let request = try ComprehendMedical.StartJobRequest(json: ByteBuffer(string: job.request))
        let output = try ObjectLocation(uri: job.output)
        return ComprehendMedical.JobProperties(
            jobID: job.key.id, jobName: job.name, jobStatus: ComprehendMedical.JobStatus(rawValue: job.status.name),
            message: job.message, submitTime: job.submitted, endTime: job.ended, expirationTime: job.expires,
            inputDataConfig: ComprehendMedical.InputDataConfig(
                s3Bucket: request.inputDataConfig.s3Bucket, s3Key: request.inputDataConfig.s3Key ?? ""),
            outputDataConfig: ComprehendMedical.OutputDataConfig(s3Bucket: output.bucket, s3Key: output.key),
            languageCode: request.languageCode, dataAccessRoleARN: request.dataAccessRoleARN,
            manifestFilePath: job.manifest, kmsKey: request.kmsKey)
    }
}

extension JobFamily {
    /// The family that a family of the service is run as.
    init(_ family: ComprehendMedical.Family) {
        switch family {
        case .entitiesDetectionV2: self = .entitiesDetectionV2
        case .phiDetection: self = .phiDetection
        case .rxNormInference: self = .rxNormInference
        case .icd10cmInference: self = .icd10cmInference
        case .snomedctInference: self = .snomedctInference
        }
    }
}
