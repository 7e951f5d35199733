internal import Jobline

/// Matching jobs of AWS Entity Resolution.
struct MatchingFamily: JobFamily {
    let name = "Matching"
    let summary = "finds the records that speak of the same person or thing"
    let example = "Matching customers"
    let required: [StartArgument] = [.workflow]
    let optional: [StartArgument] = []
    let needsWorkflow = true
    let goodEnds: Set<String> = ["SUCCEEDED"]
    let badEnds: Set<String> = ["FAILED"]
    let maximumPage = 25

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        let workflow = arguments.text(.workflow)
        let response = try await client.entityResolution.startMatchingJob(workflowName: workflow)
        return StartedJob(reference: "\(workflow)/\(response.jobID)", json: response.text)
    }

    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job {
        let job = try await client.entityResolution.getMatchingJob(
            workflowName: reference.workflow, jobID: reference.id, options: options)
        let metrics = job.metrics
        return Job(
            reference: "\(reference.workflow)/\(job.jobID)", state: job.status.rawValue,
            standing: standing(job.status.rawValue), started: job.startTime, ended: job.endTime,
            message: job.errorDetails?.errorMessage,
            details: [
                ("Output", job.outputSourceConfig?.map(\.outputS3Path).joined(separator: " ")),
                ("Records", metrics?.inputRecords.map(String.init)),
                ("Processed", metrics?.totalRecordsProcessed.map(String.init)),
                ("Not processed", metrics?.recordsNotProcessed.map(String.init)),
                ("Match IDs", metrics?.matchIDs.map(String.init)),
            ],
            json: job.text)
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        let response = try await client.entityResolution.listMatchingJobs(
            workflowName: query.workflow, nextToken: query.nextToken, maxResults: query.pageSize)
        let jobs = (response.jobs ?? []).map { summary in
            Job(
                reference: "\(query.workflow)/\(summary.jobID)", state: summary.status.rawValue,
                standing: standing(summary.status.rawValue), started: summary.startTime, ended: summary.endTime,
                json: summary.text)
        }
        return JobPage(jobs: jobs, nextToken: response.nextToken)
    }
}
