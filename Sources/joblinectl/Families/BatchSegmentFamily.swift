internal import Jobline

/// Batch segment jobs of Amazon Personalize.
struct BatchSegmentFamily: JobFamily {
    let name = "BatchSegment"
    let summary = "finds the users with the most interest in given items"
    let example = "BatchSegment --name n1 --input s3://in/items --output s3://out/"
    let required: [StartArgument] = [.name, .input, .output]
    let optional: [StartArgument] = [.solution, .numResults, .filter, .role]
    let goodEnds: Set<String> = ["ACTIVE"]
    let badEnds: Set<String> = ["CREATE FAILED"]
    let maximumPage = 100

    /// The trained model where none is given: an executor on this host need not have one.
    private static let defaultSolution = "arn:aws:personalize:us-east-1:000000000000:solution/local/1"

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        let response = try await client.personalize.createBatchSegmentJob(
            jobName: arguments.text(.name), solutionVersionARN: arguments[.solution] ?? Self.defaultSolution,
            jobInput: Personalize.BatchJobInput(
                s3DataSource: Personalize.S3DataConfig(path: arguments.text(.input))),
            jobOutput: Personalize.BatchJobOutput(
                s3DataDestination: Personalize.S3DataConfig(path: arguments.text(.output))),
            roleARN: arguments.role, filterARN: arguments[.filter],
            numResults: arguments[.numResults].flatMap { Int($0) })
        return StartedJob(reference: response.batchSegmentJobARN ?? "", json: response.text)
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let arn = try await arn(reference.id, client, options: options)
        let response = try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn, options: options)
        return job(response.batchSegmentJob ?? Personalize.BatchSegmentJob(batchSegmentJobARN: arn))
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        let response = try await client.personalize.listBatchSegmentJobs(
            nextToken: query.nextToken, maxResults: query.pageSize)
        return JobPage(jobs: (response.batchSegmentJobs ?? []).map(job), nextToken: response.nextToken)
    }

    /// A job's ARN, given that or its name, which is taken once and for ever.
    private func arn(
        _ text: String, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> String {
        if text.hasPrefix("arn:") { return text }
        var token: String?
        repeat {
            let page = try await client.personalize.listBatchSegmentJobs(
                nextToken: token, maxResults: maximumPage, options: options)
            if let job = page.batchSegmentJobs?.first(where: { $0.jobName == text }), let arn = job.batchSegmentJobARN {
                return arn
            }
            token = page.nextToken
        } while token != nil
        // Let the service say in its own words that there is none.
        return text
    }

    private func job(_ job: Personalize.BatchSegmentJob) -> Job {
        let standing = standing(job.status?.rawValue)
        return Job(
            reference: job.jobName ?? "", state: job.status?.rawValue ?? "?", standing: standing,
            started: job.creationDateTime,
            ended: standing == .goingOn ? nil : job.lastUpdatedDateTime, message: job.failureReason,
            details: [
                ("ARN", job.batchSegmentJobARN),
                ("Input", job.jobInput?.s3DataSource.path),
                ("Output", job.jobOutput?.s3DataDestination.path),
                ("Results", job.numResults.map { "\($0) an item" }),
                ("Model", job.solutionVersionARN),
            ],
            json: job.text)
    }

    private func job(_ summary: Personalize.BatchSegmentJobSummary) -> Job {
        let standing = standing(summary.status?.rawValue)
        return Job(
            reference: summary.jobName ?? "", state: summary.status?.rawValue ?? "?", standing: standing,
            started: summary.creationDateTime,
            ended: standing == .goingOn ? nil : summary.lastUpdatedDateTime, message: summary.failureReason,
            json: summary.text)
    }
}
