internal import ArgumentParser
internal import Jobline

/// The kinds of jobs of AWS Entity Resolution, which belong to workflows and differ in what they count.
struct EntityResolutionFamily: JobFamily {
    let name: String
    let summary: String
    let example: String
    let optional: [StartArgument]
    private let startJob: @Sendable (StartArguments, JoblineClient) async throws -> (id: String, json: String)
    private let find: @Sendable (JobReference, JoblineClient, CallOptions) async throws(JoblineError) -> any WorkflowJob
    private let page:
        @Sendable (JobQuery, JoblineClient) async throws(JoblineError) -> (
            jobs: [EntityResolution.JobSummary]?, nextToken: String?
        )

    static let all: [any JobFamily] = [
        Self(
            name: "Matching", summary: "finds the records that speak of the same person or thing",
            example: "Matching people", optional: [],
            startJob: { arguments, client in
                let response = try await client.entityResolution.startMatchingJob(
                    workflowName: arguments.text(.workflow))
                return (response.jobID, response.text)
            },
            find: { (reference, client, options) async throws(JoblineError) in
                try await client.entityResolution.getMatchingJob(
                    workflowName: reference.workflow, jobID: reference.id, options: options)
            },
            page: { (query, client) async throws(JoblineError) in
                let response = try await client.entityResolution.listMatchingJobs(
                    workflowName: query.workflow, nextToken: query.nextToken, maxResults: query.pageSize)
                return (response.jobs, response.nextToken)
            }),
        Self(
            name: "IdMapping", summary: "maps the ids of some records to those of others",
            example: "IdMapping subscribers", optional: [.output, .role, .kmsKey, .jobType],
            startJob: { arguments, client in
                let response = try await client.entityResolution.startIDMappingJob(
                    workflowName: arguments.text(.workflow), outputSourceConfig: try output(arguments),
                    jobType: arguments[.jobType].map { EntityResolution.JobType(rawValue: $0.uppercased()) })
                return (response.jobID, response.text)
            },
            find: { (reference, client, options) async throws(JoblineError) in
                try await client.entityResolution.getIDMappingJob(
                    workflowName: reference.workflow, jobID: reference.id, options: options)
            },
            page: { (query, client) async throws(JoblineError) in
                let response = try await client.entityResolution.listIDMappingJobs(
                    workflowName: query.workflow, nextToken: query.nextToken, maxResults: query.pageSize)
                return (response.jobs, response.nextToken)
            }),
    ]

    /// Where a job writes to instead of where its workflow says.
    private static func output(_ arguments: StartArguments) throws -> [EntityResolution.JobOutputSource]? {
        guard let path = arguments[.output] else {
            if let surplus = [StartArgument.role, .kmsKey].first(where: { arguments[$0] != nil }) {
                throw ValidationError("\(surplus.rawValue) is for \(StartArgument.output.rawValue), which is not given")
            }
            return nil
        }
        return [
            EntityResolution.JobOutputSource(
                roleARN: arguments.role, outputS3Path: path, kmsARN: arguments[.kmsKey])
        ]
    }

    let required: [StartArgument] = [.workflow]
    let needsWorkflow = true
    let goodEnds: Set<String> = ["SUCCEEDED"]
    let badEnds: Set<String> = ["FAILED"]
    let maximumPage = 25

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        let (id, json) = try await startJob(arguments, client)
        return StartedJob(reference: "\(arguments.text(.workflow))/\(id)", json: json)
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let job = try await find(reference, client, options)
        return Job(
            reference: "\(reference.workflow)/\(job.jobID)", state: job.status.rawValue,
            standing: standing(job.status.rawValue), started: job.startTime, ended: job.endTime,
            message: job.errorDetails?.errorMessage,
            details: [("Output", job.outputSourceConfig?.map(\.outputS3Path).joined(separator: " "))] + job.details,
            json: job.text)
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        let found = try await page(query, client)
        let jobs = (found.jobs ?? []).map { summary in
            Job(
                reference: "\(query.workflow)/\(summary.jobID)", state: summary.status.rawValue,
                standing: standing(summary.status.rawValue), started: summary.startTime, ended: summary.endTime,
                json: summary.text)
        }
        return JobPage(jobs: jobs, nextToken: found.nextToken)
    }
}
