internal import Jobline

/// The kinds of batch jobs of Amazon Personalize, which differ in what they make of what.
struct PersonalizeFamily: JobFamily {
    /// What a new job is made of, the same for all kinds.
    struct NewJob: Sendable {
        let name: String
        let solution: String
        let input: Personalize.BatchJobInput
        let output: Personalize.BatchJobOutput
        let role: String
        let filter: String?
        let numResults: Int?
    }

    let name: String
    let summary: String
    let example: String
    private let create: @Sendable (NewJob, JoblineClient) async throws(JoblineError) -> StartedJob
    private let find:
        @Sendable (_ arn: String, JoblineClient, CallOptions) async throws(JoblineError) -> (any BatchJob)?
    private let page:
        @Sendable (Page, JoblineClient, CallOptions) async throws(JoblineError) -> (
            jobs: [any BatchJob], nextToken: String?
        )

    /// What is asked of a list.
    private struct Page: Sendable {
        var solution: String?
        var nextToken: String?
        var size: Int
    }

    static let all: [any JobFamily] = [
        Self(
            name: "BatchSegment", summary: "finds the users with the most interest in given items",
            example: "BatchSegment --name n --input s3://in/ --output s3://out/",
            create: { (job, client) async throws(JoblineError) in
                let response = try await client.personalize.createBatchSegmentJob(
                    jobName: job.name, solutionVersionARN: job.solution, jobInput: job.input, jobOutput: job.output,
                    roleARN: job.role, filterARN: job.filter, numResults: job.numResults)
                return StartedJob(reference: response.batchSegmentJobARN ?? "", json: response.text)
            },
            find: { (arn, client, options) async throws(JoblineError) in
                try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn, options: options)
                    .batchSegmentJob
            },
            page: { (page, client, options) async throws(JoblineError) in
                let response = try await client.personalize.listBatchSegmentJobs(
                    solutionVersionARN: page.solution, nextToken: page.nextToken, maxResults: page.size,
                    options: options)
                return (response.batchSegmentJobs ?? [], response.nextToken)
            }),
        Self(
            name: "BatchInference", summary: "finds items for given users, or items like given items",
            example: "BatchInference --name n --input s3://in/ --output s3://out/",
            create: { (job, client) async throws(JoblineError) in
                let response = try await client.personalize.createBatchInferenceJob(
                    jobName: job.name, solutionVersionARN: job.solution, jobInput: job.input, jobOutput: job.output,
                    roleARN: job.role, filterARN: job.filter, numResults: job.numResults)
                return StartedJob(reference: response.batchInferenceJobARN ?? "", json: response.text)
            },
            find: { (arn, client, options) async throws(JoblineError) in
                try await client.personalize.describeBatchInferenceJob(batchInferenceJobARN: arn, options: options)
                    .batchInferenceJob
            },
            page: { (page, client, options) async throws(JoblineError) in
                let response = try await client.personalize.listBatchInferenceJobs(
                    solutionVersionARN: page.solution, nextToken: page.nextToken, maxResults: page.size,
                    options: options)
                return (response.batchInferenceJobs ?? [], response.nextToken)
            }),
    ]

    let required: [StartArgument] = [.name, .input, .output]
    let optional: [StartArgument] = [.solution, .numResults, .filter, .role]
    let filters: [ListOption] = [.solution]
    let goodEnds: Set<String> = ["ACTIVE"]
    let badEnds: Set<String> = ["CREATE FAILED"]
    let maximumPage = 100

    /// The trained model where none is given: an executor on this host need not have one.
    private static let defaultSolution = "arn:aws:personalize:us-east-1:000000000000:solution/local/1"

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        try await create(
            NewJob(
                name: arguments.text(.name), solution: arguments[.solution] ?? Self.defaultSolution,
                input: Personalize.BatchJobInput(
                    s3DataSource: Personalize.S3DataConfig(path: arguments.text(.input))),
                output: Personalize.BatchJobOutput(
                    s3DataDestination: Personalize.S3DataConfig(path: arguments.text(.output))),
                role: arguments.role, filter: arguments[.filter],
                numResults: arguments[.numResults].flatMap { Int($0) }),
            client)
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let arn = try await arn(reference.id, client, options: options)
        guard let found = try await find(arn, client, options) else {
            return Job(reference: reference.id, state: "?", standing: .goingOn, json: "{}")
        }
        return job(found)
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        var asked = Page(nextToken: query.nextToken, size: query.pageSize)
        if case .solution(let arn) = query.filter { asked.solution = arn }
        let found = try await page(asked, client, CallOptions())
        return JobPage(jobs: found.jobs.map(job), nextToken: found.nextToken)
    }

    /// A job's ARN, given that or its name, which is taken once and for ever.
    private func arn(
        _ text: String, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> String {
        if text.hasPrefix("arn:") { return text }
        var asked = Page(size: maximumPage)
        repeat {
            let found = try await page(asked, client, options)
            if let arn = found.jobs.first(where: { $0.jobName == text })?.arn { return arn }
            asked.nextToken = found.nextToken
        } while asked.nextToken != nil
        // Let the service say in its own words that there is none.
        return text
    }

    private func job(_ job: any BatchJob) -> Job {
        let standing = standing(job.status?.rawValue)
        return Job(
            reference: job.jobName ?? "", state: job.status?.rawValue ?? "?", standing: standing,
            started: job.creationDateTime, ended: standing == .goingOn ? nil : job.lastUpdatedDateTime,
            message: job.failureReason, details: job.details, json: job.text)
    }
}
