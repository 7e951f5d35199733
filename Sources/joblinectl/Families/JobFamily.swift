internal import ArgumentParser
internal import Jobline

/// What the commands have to know of a kind of job. Each kind says it once; no command asks which one it has.
protocol JobFamily: Sendable {
    /// As it is written on the command line.
    var name: String { get }
    /// What its jobs do, in a few words.
    var summary: String { get }
    /// What stands behind `joblinectl start` to start one.
    var example: String { get }
    /// What a start needs.
    var required: [StartArgument] { get }
    /// What a start may have beside it.
    var optional: [StartArgument] { get }
    /// What the service itself can filter a list by, one at a time.
    var filters: [ListOption] { get }
    /// Whether a job is found only together with its workflow.
    var needsWorkflow: Bool { get }
    /// States, in capitals and with spaces, in which a job has ended as it should.
    var goodEnds: Set<String> { get }
    /// States in which a job has ended otherwise.
    var badEnds: Set<String> { get }
    /// Jobs on a page at most.
    var maximumPage: Int { get }

    /// Starts a job.
    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob
    /// Asks a job to end before it is done; nil where the service has no such call.
    var stop: StopCall? { get }
    /// Shows one job.
    func describe(
        _ reference: JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> Job
    /// Shows one page of jobs.
    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage
}

extension JobFamily {
    var filters: [ListOption] { [] }
    var needsWorkflow: Bool { false }
    var stop: StopCall? { nil }

    /// How a job in this state stands.
    func standing(_ state: String?) -> Job.Standing {
        let state = Job.comparable(state ?? "")
        if goodEnds.contains(state) { return .endedWell }
        return badEnds.contains(state) ? .endedBadly : .goingOn
    }

    /// Reads what the command line names a job with.
    ///
    /// - Parameters:
    ///   - text: `JOB`, or `WORKFLOW/JOB` where there is a workflow.
    ///   - workflow: The value of `--workflow`.
    func reference(_ text: String, workflow: String?) throws -> JobReference {
        guard needsWorkflow else {
            guard workflow == nil else { throw ValidationError("\(name) has no --workflow") }
            return JobReference(id: text, workflow: "")
        }
        if let workflow { return JobReference(id: text, workflow: workflow) }
        // A workflow has no slash in its name, but one in its ARN.
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == (text.hasPrefix("arn:") ? 3 : 2), !parts.contains("") else {
            throw ValidationError("'\(text)': a job of \(name) is WORKFLOW/JOB, or JOB with --workflow WORKFLOW")
        }
        return JobReference(id: String(parts[parts.count - 1]), workflow: parts.dropLast().joined(separator: "/"))
    }
}

/// Asks a job to end, and gives the service's own answer.
typealias StopCall = @Sendable (JobReference, JoblineClient) async throws(JoblineError) -> String

/// What a job is found with.
struct JobReference: Sendable, Hashable {
    let id: String
    /// Empty where the family has no workflows.
    let workflow: String
}

/// What was just started.
struct StartedJob: Sendable {
    /// What `describe` and `wait` take.
    let reference: String
    /// The service's own answer.
    let json: String
}

/// Which jobs to list.
struct JobQuery: Sendable {
    /// Empty where the family has no workflows.
    var workflow: String
    /// What the service is asked to filter by.
    var filter: ListFilter?
    var pageSize: Int
    var nextToken: String?
}

struct JobPage: Sendable {
    let jobs: [Job]
    let nextToken: String?
}
