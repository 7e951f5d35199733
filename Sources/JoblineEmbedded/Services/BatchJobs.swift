internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// The operations of both kinds of Personalize batch job: they differ only in their messages.
struct BatchJobs: Sendable {
    /// A kind of batch job. The kinds share no names and no quota.
    struct Kind: Sendable {
        let family: JobFamily
        /// Resource type in an ARN.
        let resource: String
        /// Noun for messages.
        let noun: String
        /// Request member that holds the ARN of a job.
        let arnMember: String

        static let segment = Kind(
            family: .batchSegment, resource: "batch-segment-job", noun: "batch segment job",
            arnMember: "batchSegmentJobArn")
        static let inference = Kind(
            family: .batchInference, resource: "batch-inference-job", noun: "batch inference job",
            arnMember: "batchInferenceJobArn")
    }

    /// Page size without MaxResults.
    private static let defaultPage = 100

    let queue: JobQueue
    let store: any JobStore
    let lists: JobLists
    let scope: AccountScope
    /// Maximum number of pending and running jobs of a kind.
    let maximumOpenJobs: Int
    let now: @Sendable () -> Timestamp

    /// Starts a job.
    ///
    /// - Returns: The ARN of the job.
    func create(
        _ kind: Kind, _ name: String, solutionVersion: String, from input: Personalize.BatchJobInput,
        to output: Personalize.BatchJobOutput, tags: [Personalize.Tag]?, request: some JSONEncodable
    ) async throws -> String {
        try await mapServiceErrors {
            try Tags.check(tags)
            _ = try mapPathErrors("jobInput.s3DataSource.path") { () throws(PathError) in
                try ObjectLocation(uri: input.s3DataSource.path)
            }
            let output = try mapPathErrors("jobOutput.s3DataDestination.path") { () throws(PathError) in
                try ObjectLocation(uri: output.s3DataDestination.path)
            }
            let arn = scope.arn("personalize", "\(kind.resource)/\(name)")
            let job = NewJob(
                key: JobReference(kind.family, arn), name: name, solutionVersion: solutionVersion,
                submitted: now(), request: String(buffer: request.json()), output: output.uri)
            try await admit(job, kind)
            return arn
        }
    }

    private func admit(_ job: NewJob, _ kind: Kind) async throws {
        var conditions = AdmissionConditions()
        conditions.maximumOpen = maximumOpenJobs
        switch try await queue.admit(job, conditions) {
        case .admitted: return
        case .nameTaken:
            throw ServiceError(
                .alreadyExists, "another job has this name: a name can be used only once", path: "jobName")
        case .quotaReached:
            throw ServiceError(
                .quota, "\(maximumOpenJobs) jobs of this kind are pending or in progress: wait for one to end",
                quotaName: "\(kind.noun)s pending or in progress", quotaValue: maximumOpenJobs)
        case .noExecutor, .repeated, .tokenTaken, .workflowBusy, .workflowGone:
            throw ServiceError(.failed, "unexpected response of the store")
        }
    }

    /// Returns one job.
    func describe<Shown>(
        _ kind: Kind, _ arn: String, _ context: RequestContext, _ show: (Job) throws -> Shown
    ) async throws -> Shown {
        try await mapServiceErrors {
            guard let job = try await store.job(JobReference(kind.family, arn), now: now()) else {
                throw ServiceError(.notFound, "no \(kind.noun) has this ARN", path: kind.arnMember)
            }
            context.dependency?.isAbout(job)
            return try show(job)
        }
    }

    /// Returns one page of jobs, the newest first.
    ///
    /// - Parameter name: Name of the member with the jobs.
    func list<Response>(
        _ kind: Kind, named name: StaticString, solutionVersion: String?, after token: String?, limit: Int?,
        _ context: RequestContext, _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await mapServiceErrors {
            var query = JobQuery(family: kind.family)
            query.solutionVersion = solutionVersion
            let list = [JobFamily.Service.personalize.rawValue, kind.family.rawValue, solutionVersion]
            return try await lists.page(
                query, of: list, named: name, after: token, size: PageSize(limit ?? Self.defaultPage, for: context),
                show)
        }
    }
}
