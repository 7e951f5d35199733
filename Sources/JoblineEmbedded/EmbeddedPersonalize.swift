internal import JoblineProtocol
internal import NIOCore

/// Personalize's batch jobs.
struct EmbeddedPersonalize: PersonalizeService {
    /// Users that a segment can have at most.
    private static let maximumResults = 5_000_000
    /// What the service shows where a request does not say.
    private static let defaultPage = 100

    let queue: JobQueue

    func createBatchSegmentJob(
        _ request: Personalize.CreateBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.CreateBatchSegmentJobResponse {
        try await answering {
            let paths = (request.jobInput.s3DataSource.path, request.jobOutput.s3DataDestination.path)
            _ = try naming("jobInput.s3DataSource.path") { () throws(PlaceError) in try ObjectLocation(uri: paths.0) }
            let output = try naming("jobOutput.s3DataDestination.path") { () throws(PlaceError) in
                try ObjectLocation(uri: paths.1)
            }
            if let results = request.numResults, !(1...Self.maximumResults).contains(results) {
                throw ServiceError(.invalid, "has to be in 1...\(Self.maximumResults)", path: "numResults")
            }
            let family = JobFamily.batchSegment
            let (region, account) = (queue.configuration.region, queue.configuration.accountID)
            let arn = "arn:aws:personalize:\(region):\(account):batch-segment-job/\(request.jobName)"
            let job = NewJob(
                key: JobKey(family, arn), name: request.jobName, solutionVersion: request.solutionVersionARN,
                submitted: queue.now(), request: String(buffer: request.json()), output: output.uri)
            try await admit(job)
            return Personalize.CreateBatchSegmentJobResponse(batchSegmentJobARN: arn)
        }
    }

    private func admit(_ job: NewJob) async throws {
        let quota = queue.configuration.personalizeOpenJobs
        var admission = Admission()
        admission.maximumOpen = quota
        admission.hasExecutor = queue.configuration.executors[job.key.family] != nil
        switch try await queue.admit(job, admission) {
        case .admitted: return
        case .nameTaken:
            throw ServiceError(.alreadyExists, "the name is taken by another job: names are used once", path: "jobName")
        case .quotaReached:
            throw ServiceError(
                .quota, "\(quota) jobs of this kind are pending or in progress: wait for one to end",
                quotaName: "batch segment jobs pending or in progress", quotaValue: quota)
        case .noExecutor: throw queue.missingExecutor(job.key.family)
        case .repeated, .tokenTaken, .workflowBusy, .workflowGone:
            throw ServiceError(.failed, "the embedded service failed")
        }
    }

    func describeBatchSegmentJob(
        _ request: Personalize.DescribeBatchSegmentJobRequest, context: RequestContext
    ) async throws -> Personalize.DescribeBatchSegmentJobResponse {
        try await answering {
            let key = JobKey(.batchSegment, request.batchSegmentJobARN)
            guard let job = try await queue.store.job(key, now: queue.now()) else {
                throw ServiceError(.notFound, "no batch segment job has this ARN", path: "batchSegmentJobArn")
            }
            return Personalize.DescribeBatchSegmentJobResponse(batchSegmentJob: try Self.detail(job))
        }
    }

    func listBatchSegmentJobs(
        _ request: Personalize.ListBatchSegmentJobsRequest, context: RequestContext
    ) async throws -> Personalize.ListBatchSegmentJobsResponse {
        try await answering {
            var query = JobQuery(family: .batchSegment)
            query.solutionVersion = request.solutionVersionARN
            let list = [
                JobFamily.Service.personalize.rawValue, JobFamily.batchSegment.rawValue, request.solutionVersionARN,
            ]
            let page = try await queue.page(
                query, of: list, token: request.nextToken, limit: request.maxResults ?? Self.defaultPage,
                member: "nextToken")
            return Personalize.ListBatchSegmentJobsResponse(
                batchSegmentJobs: page.jobs.map(Self.summary), nextToken: page.nextToken)
        }
    }

    private static func detail(_ job: Job) throws -> Personalize.BatchSegmentJob {
        let request = try Personalize.CreateBatchSegmentJobRequest(json: ByteBuffer(string: job.request))
        return Personalize.BatchSegmentJob(
            jobName: job.name, batchSegmentJobARN: job.key.id, filterARN: request.filterARN,
            failureReason: job.message, solutionVersionARN: job.solutionVersion, numResults: request.numResults,
            jobInput: request.jobInput, jobOutput: request.jobOutput, roleARN: request.roleARN,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated)
    }

    private static func summary(_ job: Job) -> Personalize.BatchSegmentJobSummary {
        Personalize.BatchSegmentJobSummary(
            batchSegmentJobARN: job.key.id, jobName: job.name,
            status: Personalize.JobStatus(rawValue: job.status.name), creationDateTime: job.submitted,
            lastUpdatedDateTime: job.updated, failureReason: job.message, solutionVersionARN: job.solutionVersion)
    }
}
