internal import Crypto
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Comprehend Medical's jobs: families that differ in nothing but their executor and the names of their output.
struct EmbeddedComprehendMedical: ComprehendMedicalService {
    /// What the service shows where a request does not say.
    private static let defaultPage = 100
    /// Room for most jobs, so that the buffer does not grow while one is written.
    private static let usualJobBytes = 1 << 10
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
            let written = Self.written(request)
            let job = NewJob(
                key: JobReference(family, id), name: request.jobName, token: request.clientRequestToken,
                fingerprint: written.fingerprint, submitted: now, expires: expiration(of: now),
                request: String(buffer: written.json), listed: String(buffer: Self.listed(request, location)),
                output: location.uri)
            var admission = Admission()
            admission.hasExecutor = queue.executors[family] != nil
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

    /// A request as it is kept, and what it has in common with those that are the same: all but their tokens.
    private static func written(
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
        try await answering {
            guard try await queue.stop(JobReference(JobFamily(family), request.jobID)) else {
                throw Self.notFound(family)
            }
            return ComprehendMedical.StopJobResponse(jobID: request.jobID)
        }
    }

    func describeJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.DescribeJobRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.DescribeJobResponse> {
        try await answering {
            var writer = JSONWriter(into: ByteBufferAllocator().buffer(capacity: Self.usualJobBytes))
            let shown: Void? = try queue.store.show(JobReference(JobFamily(family), request.jobID), now: queue.now()) {
                job in
                context.dependency?.isAbout(job)
                try writer.object { writer in
                    writer.key("ComprehendMedicalAsyncJobProperties")
                    try Self.write(job, to: &writer)
                }
            }
            guard shown != nil else { throw Self.notFound(family) }
            return Encoded(json: writer.finish())
        }
    }

    func listJobs(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.ListJobsRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.ListJobsResponse> {
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
            query.position = try queue.tokens.start(of: list, after: request.nextToken, member: "NextToken")
            let json = try await queue.store.list(
                query, size: PageSize(request.maxResults ?? Self.defaultPage, for: context), now: queue.now(),
                arrival: context.arrival
            ) { [tokens = queue.tokens] jobs, writer in
                try writer.object { writer in
                    writer.key("ComprehendMedicalAsyncJobPropertiesList")
                    let end = try jobs.write(to: &writer, Self.write)
                    writer.member("NextToken", end.map { tokens.token(after: $0, of: list) })
                }
            }
            return Encoded(json: json)
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
            inputDataConfig: input(request),
            outputDataConfig: .init(s3Bucket: output.bucket, s3Key: output.key),
            languageCode: request.languageCode, dataAccessRoleARN: request.dataAccessRoleARN,
            manifestFilePath: job.manifest, kmsKey: request.kmsKey, modelVersion: job.modelVersion)
    }
}

// A job in a list: what `properties` shows, from the row to JSON without the values in between.
extension EmbeddedComprehendMedical {
    private static func write(_ job: JobRow, to writer: inout JSONWriter) throws {
        var members = JSONMembers()
        members.add("JobId", job.utf8(.id))
        members.add("JobName", job.utf8(.name))
        members.add("JobStatus", job.utf8(.status))
        members.add("Message", job.utf8(.message))
        members.add("SubmitTime", job.time(.submitted))
        members.add("EndTime", job.time(.ended))
        members.add("ExpirationTime", job.time(.expires))
        members.add("ManifestFilePath", job.utf8(.manifest))
        members.add("ModelVersion", job.utf8(.modelVersion))
        if let listed = job.utf8(.listed) {
            members.add(membersOf: listed)
            writer.object(members)
        } else {
            let request = try ComprehendMedical.StartJobRequest(json: ByteBuffer(string: job.text(.request) ?? ""))
            let listed = listed(request, try ObjectLocation(uri: job.text(.output) ?? ""))
            listed.withUnsafeReadableBytes {
                members.add(membersOf: $0)
                writer.object(members)
            }
        }
    }

    /// The part of what a list shows that stays as it is.
    private static func listed(_ request: ComprehendMedical.StartJobRequest, _ output: ObjectLocation) -> ByteBuffer {
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
