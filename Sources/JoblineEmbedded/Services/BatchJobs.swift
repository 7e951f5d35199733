internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// What Personalize's two kinds of batch job have in common, which is everything but their messages.
struct BatchJobs: Sendable {
    /// A kind of batch job. The kinds share no names and no quota.
    struct Kind: Sendable {
        let family: JobFamily
        /// What stands before the name in an ARN.
        let resource: String
        /// What one is called in a sentence.
        let noun: String
        /// The member that names one.
        let arnMember: String

        static let segment = Kind(
            family: .batchSegment, resource: "batch-segment-job", noun: "batch segment job",
            arnMember: "batchSegmentJobArn")
        static let inference = Kind(
            family: .batchInference, resource: "batch-inference-job", noun: "batch inference job",
            arnMember: "batchInferenceJobArn")
    }

    /// What the service shows where a request does not say.
    private static let defaultPage = 100

    let queue: JobQueue

    /// Takes a job in.
    ///
    /// - Returns: Its ARN.
    func create(
        _ kind: Kind, _ name: String, solutionVersion: String, from input: Personalize.BatchJobInput,
        to output: Personalize.BatchJobOutput, tags: [Personalize.Tag]?, request: some JSONEncodable
    ) async throws -> String {
        try await answering {
            try Tags.check(tags)
            _ = try naming("jobInput.s3DataSource.path") { () throws(PlaceError) in
                try ObjectLocation(uri: input.s3DataSource.path)
            }
            let output = try naming("jobOutput.s3DataDestination.path") { () throws(PlaceError) in
                try ObjectLocation(uri: output.s3DataDestination.path)
            }
            let (region, account) = (queue.configuration.region, queue.configuration.accountID)
            let arn = "arn:aws:personalize:\(region):\(account):\(kind.resource)/\(name)"
            let job = NewJob(
                key: JobReference(kind.family, arn), name: name, solutionVersion: solutionVersion,
                submitted: queue.now(),
                request: String(buffer: request.json()), output: output.uri)
            try await admit(job, kind)
            return arn
        }
    }

    private func admit(_ job: NewJob, _ kind: Kind) async throws {
        let quota = queue.configuration.personalizeOpenJobs
        var admission = AdmissionConditions()
        admission.maximumOpen = quota
        admission.hasExecutor = queue.executors[kind.family] != nil
        switch try await queue.admit(job, admission) {
        case .admitted: return
        case .nameTaken:
            throw ServiceError(.alreadyExists, "the name is taken by another job: names are used once", path: "jobName")
        case .quotaReached:
            throw ServiceError(
                .quota, "\(quota) jobs of this kind are pending or in progress: wait for one to end",
                quotaName: "\(kind.noun)s pending or in progress", quotaValue: quota)
        case .noExecutor: throw queue.missingExecutor(kind.family)
        case .repeated, .tokenTaken, .workflowBusy, .workflowGone:
            throw ServiceError(.failed, "the store answered what it cannot answer here")
        }
    }

    /// Shows one job.
    func describe<Shown>(
        _ kind: Kind, _ arn: String, _ context: RequestContext, _ show: (Job) throws -> Shown
    ) async throws -> Shown {
        try await answering {
            guard let job = try await queue.store.job(JobReference(kind.family, arn), now: queue.now()) else {
                throw ServiceError(.notFound, "no \(kind.noun) has this ARN", path: kind.arnMember)
            }
            context.dependency?.isAbout(job)
            return try show(job)
        }
    }

    /// Shows one page of jobs, the newest first.
    ///
    /// - Parameter name: The name of the member with the jobs.
    func list<Response>(
        _ kind: Kind, named name: StaticString, solutionVersion: String?, after token: String?, limit: Int?,
        _ context: RequestContext, _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await answering {
            var query = JobQuery(family: kind.family)
            query.solutionVersion = solutionVersion
            let list = [JobFamily.Service.personalize.rawValue, kind.family.rawValue, solutionVersion]
            return try await queue.page(
                query, of: list, named: name, after: token, size: PageSize(limit ?? Self.defaultPage, for: context),
                show)
        }
    }
}
