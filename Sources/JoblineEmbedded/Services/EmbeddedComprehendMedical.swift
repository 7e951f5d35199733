internal import Crypto
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Comprehend Medical without the cloud. Its families differ only in their executors and in the names of their output.
struct EmbeddedComprehendMedical: ComprehendMedicalService {
    /// Page size without MaxResults.
    private static let defaultPage = 100
    /// Capacity for most jobs, so that the buffer does not grow during the encoding.
    private static let usualJobBytes = 1 << 10
    /// Maximum length of a key in a response, in characters.
    private static let maximumKeyLength = 1024

    let queue: JobQueue
    let store: any JobStore
    let tokens: PageTokens
    let accountID: String
    /// Time from the submission of a job to its expiry.
    let retention: Duration
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> String

    func startJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StartJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StartJobResponse {
        try await mapServiceErrors {
            let (input, output) = (request.inputDataConfig, request.outputDataConfig)
            _ = try mapPathErrors("InputDataConfig.S3Key") { () throws(PathError) in
                try ObjectLocation(bucket: input.s3Bucket, key: input.s3Key ?? "")
            }
            let family = JobFamily(family)
            let id = makeID()
            let directory = "\(accountID)-\(family.outputType)-\(id)"
            let location = try mapPathErrors("OutputDataConfig.S3Key") { () throws(PathError) in
                try ObjectLocation(bucket: output.s3Bucket, key: output.s3Key ?? "").directory(directory)
            }
            guard location.key.unicodeScalars.count <= Self.maximumKeyLength else {
                throw ServiceError(
                    .invalid,
                    "with the name of the job's directory the key has over \(Self.maximumKeyLength) characters",
                    path: "OutputDataConfig.S3Key")
            }
            let now = now()
            let encoded = Self.encode(request)
            let job = NewJob(
                key: JobReference(family, id), name: request.jobName, token: request.clientRequestToken,
                fingerprint: encoded.fingerprint, submitted: now, expires: expiration(of: now),
                request: String(buffer: encoded.json), listed: String(buffer: Self.details(request, location)),
                output: location.uri)
            return ComprehendMedical.StartJobResponse(jobID: try await admit(job))
        }
    }

    private func admit(_ job: NewJob) async throws -> String {
        switch try await queue.admit(job) {
        case .admitted: return job.key.id
        case .repeated(let id): return id
        case .tokenTaken:
            throw ServiceError(
                .invalid, "another request used this token: use a new one", path: "ClientRequestToken")
        case .noExecutor, .nameTaken, .quotaReached, .workflowBusy, .workflowGone:
            throw ServiceError(.failed, "unexpected response of the store")
        }
    }

    /// Returns the expiry of a job, in whole seconds like the service.
    private func expiration(of submitted: Timestamp) -> Timestamp {
        let seconds = submitted.milliseconds / 1000 + retention.components.seconds
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// Returns the request as JSON, and the fingerprint of the request without its token.
    private static func encode(
        _ request: ComprehendMedical.StartJobRequest
    ) -> (json: ByteBuffer, fingerprint: String?) {
        guard let token = request.clientRequestToken else { return (request.json(), nil) }
        var rest = request
        rest.clientRequestToken = nil
        let json = rest.json()
        return json.withUnsafeReadableBytes { rest in
            var hash = SHA256()
            hash.update(bufferPointer: rest)
            var writer = JSONWriter(into: ByteBufferAllocator().buffer(capacity: usualJobBytes))
            writer.object { writer in
                writer.members(of: rest)
                writer.member("ClientRequestToken", token)
            }
            return (writer.finish(), hash.finalize().withUnsafeBytes { Base64URL.encode($0) })
        }
    }

    func stopJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StopJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StopJobResponse {
        try await mapServiceErrors {
            guard try await queue.stop(JobReference(JobFamily(family), request.jobID)) else {
                throw Self.notFound(family)
            }
            return ComprehendMedical.StopJobResponse(jobID: request.jobID)
        }
    }

    func describeJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.DescribeJobRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.DescribeJobResponse> {
        try await mapServiceErrors {
            let key = JobReference(JobFamily(family), request.jobID)
            let described = try await store.describe(key, now: now()) { job, writer in
                try writer.object { writer in
                    writer.key("ComprehendMedicalAsyncJobProperties")
                    try Self.encode(job, to: &writer)
                }
            }
            guard let described else { throw Self.notFound(family) }
            context.dependency?.isAbout(described)
            return Encoded(json: described.json)
        }
    }

    func listJobs(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.ListJobsRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.ListJobsResponse> {
        try await mapServiceErrors {
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
            query.position = try tokens.start(of: list, after: request.nextToken, member: "NextToken")
            let format = JobPageFormat(
                jobsMember: "ComprehendMedicalAsyncJobPropertiesList", tokenMember: "NextToken", encode: Self.encode
            ) { [tokens] position in tokens.token(after: position, of: list) }
            let json = try await store.list(
                query, size: PageSize(request.maxResults ?? Self.defaultPage, for: context), now: now(),
                arrival: context.arrival, as: format)
            return Encoded(json: json)
        }
    }

    private static func notFound(_ family: ComprehendMedical.Family) -> ServiceError {
        ServiceError(.notFound, "no \(family.rawValue) job has this id", path: "JobId")
    }
}

// MARK: - Encoding

extension EmbeddedComprehendMedical {
    /// Encodes a job as the service shows it, from the store's texts without values in between.
    static func encode(_ job: JobView, to writer: inout JSONWriter) throws {
        var members = JSONMembers()
        members.add("JobId", job.id)
        members.add("JobName", job.name)
        members.add("JobStatus", job.status)
        members.add("Message", job.message)
        members.add("SubmitTime", job.submitted)
        members.add("EndTime", job.ended)
        members.add("ExpirationTime", job.expires)
        members.add("ManifestFilePath", job.manifest)
        members.add("ModelVersion", job.modelVersion)
        switch job.details {
        case .prepared(let details):
            members.add(membersOf: details)
            writer.object(members)
        case .request(let request, let output):
            let request = try ComprehendMedical.StartJobRequest(json: ByteBuffer(bytes: request))
            let details = Self.details(request, try ObjectLocation(uri: String(decoding: output, as: UTF8.self)))
            details.withUnsafeReadableBytes {
                members.add(membersOf: $0)
                writer.object(members)
            }
        }
    }

    /// Returns the details that do not change after the start; see ``JobView/Details``.
    private static func details(_ request: ComprehendMedical.StartJobRequest, _ output: ObjectLocation) -> ByteBuffer {
        ComprehendMedical.JobProperties(
            inputDataConfig: input(request), outputDataConfig: .init(s3Bucket: output.bucket, s3Key: output.key),
            languageCode: request.languageCode, dataAccessRoleARN: request.dataAccessRoleARN, kmsKey: request.kmsKey
        ).json()
    }

    private static func input(_ request: ComprehendMedical.StartJobRequest) -> ComprehendMedical.InputDataConfig {
        .init(s3Bucket: request.inputDataConfig.s3Bucket, s3Key: request.inputDataConfig.s3Key ?? "")
    }
}

extension JobFamily {
    /// Returns the job family of a family of the service.
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
