internal import ArgumentParser
internal import Jobline

/// `joblinectl list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the newest first.",
        discussion: """
            The services filter by one thing at a time: Amazon Comprehend Medical by --name, --status, --before or --after, \
            Amazon Personalize by --solution. Elsewhere --status is kept here, from all jobs. A TIME is such as \
            2026-11-21T04:20:30Z, or seconds since 1970.

            For example:
              joblinectl list RxNormInference --status FAILED
              joblinectl list PHIDetection --after 2026-11-21T00:00:00Z
              joblinectl list BatchInference --solution ARN
              joblinectl list Matching --workflow people --limit 5
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

    @Option(help: ArgumentHelp("Only jobs in this state, such as COMPLETED or \"IN PROGRESS\".", valueName: "state"))
    var status: String?

    @Option(help: "Only jobs of this name.")
    var name: String?

    @Option(
        help: ArgumentHelp("Only jobs started before this time, the oldest first.", valueName: "time"),
        transform: Timestamp.init(argument:))
    var before: Timestamp?

    @Option(
        help: ArgumentHelp("Only jobs started after this time.", valueName: "time"),
        transform: Timestamp.init(argument:))
    var after: Timestamp?

    @Option(help: ArgumentHelp("Only jobs of this trained model.", valueName: "arn"))
    var solution: String?

    @Option(help: "The workflow whose jobs to list; Matching and IdMapping need it.")
    var workflow: String?

    @Option(help: ArgumentHelp("How many to list at most.", valueName: "number"))
    var limit = 100

    @OptionGroup var common: CommonOptions

    private var filters: [ListFilter] {
        [
            name.map(ListFilter.name), status.map(ListFilter.status), before.map(ListFilter.before),
            after.map(ListFilter.after), solution.map(ListFilter.solution),
        ].compactMap { $0 }
    }

    /// The filter that the service keeps; what is left of them is for ``isWanted(_:)``.
    private var filter: ListFilter? { filters.first { family.family.filters.contains($0.option) } }

    func validate() throws {
        let family = family.family
        if let surplus = filters.map(\.option).first(where: { !family.filters.contains($0) && $0 != .status }) {
            throw ValidationError("\(family.name) has no \(surplus.rawValue)")
        }
        guard filters.count(where: { family.filters.contains($0.option) }) <= 1 else {
            let options = family.filters.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(family.name) takes only one at a time of \(options)")
        }
        if family.needsWorkflow, workflow == nil { throw ValidationError("\(family.name) needs --workflow") }
        if !family.needsWorkflow, workflow != nil { throw ValidationError("\(family.name) has no --workflow") }
        guard limit > 0 else { throw ValidationError("--limit: at least 1 is possible") }
    }

    func run() async throws {
        try await common.withClient { client in
            let (jobs, isComplete) = try await collect(client)
            if common.json {
                for job in jobs { print(job.json) }
            } else {
                show(jobs)
                if !isComplete { Terminal.note("there are more; see them with --limit \(limit * 10)") }
            }
        }
    }

    /// The first jobs that fit, page after page.
    private func collect(_ client: JoblineClient) async throws -> (jobs: [Job], isComplete: Bool) {
        let family = family.family
        var jobs: [Job] = []
        let sieves = status != nil && filter?.option != .status
        var query = JobQuery(
            workflow: workflow ?? "", filter: filter,
            pageSize: sieves ? family.maximumPage : min(limit, family.maximumPage))
        while true {
            let page = try await family.list(query, client)
            jobs += page.jobs.filter { isWanted($0.state) }
            if jobs.count > limit || (jobs.count == limit && page.nextToken != nil) {
                return (Array(jobs.prefix(limit)), false)
            }
            guard let token = page.nextToken else { return (jobs, true) }
            query.nextToken = token
        }
    }

    private func isWanted(_ state: String) -> Bool {
        guard let status else { return true }
        return Job.comparable(state) == Job.comparable(status)
    }

    private func show(_ jobs: [Job]) {
        guard !jobs.isEmpty else {
            Terminal.note("no jobs")
            return
        }
        var table = Table(["JOB", "STATE", "STARTED", "NAME"], flexible: 3)
        for job in jobs {
            table.add([job.reference, job.state, job.started?.text ?? "-", job.name ?? ""])
        }
        print(table.text(width: Terminal.width))
    }
}
