internal import ArgumentParser
internal import Jobline

/// `joblinectl list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the newest first.",
        discussion: """
            Conditions may be combined: a job is listed if it meets all of them. The service is asked to filter by one where it \
            can, and the rest is filtered here. Families whose jobs cannot meet them are left out of all.

            A state is one for all services (\(Family.states.map(\.rawValue).joined(separator: ", "))) or a service's own, such \
            as COMPLETED. A time is such as 1h (an hour ago), 2d, 2026-11-21, "2026-11-21 04:20", 2026-11-21T04:20:30Z, or \
            seconds since 1970; without an offset it is local.

            \(JobLine.explanation)

            For example:
              joblinectl list RxNormInference --status failed --after 2d
              joblinectl list PHIDetection --after 2026-11-21 --before 2026-11-22
              joblinectl list BatchInference --solution ARN --status ACTIVE
              joblinectl list Matching --workflow people --limit 5
              joblinectl list all --status failed -o json
            """)

    @Argument(
        help: ArgumentHelp("The kinds of job; all for every one.", valueName: "family"),
        completion: .list(Family.all.map(\.name) + ["all"]))
    var names: [String]

    @Option(
        help: ArgumentHelp("Only jobs in this state, such as failed or IN_PROGRESS.", valueName: "state"),
        completion: .custom(Completion.states))
    var status: String?

    @Option(help: "Only jobs of this name.")
    var name: String?

    @Option(
        help: ArgumentHelp("Only jobs started before this time.", valueName: "time"),
        transform: Timestamp.init(argument:))
    var before: Timestamp?

    @Option(
        help: ArgumentHelp("Only jobs started after this time.", valueName: "time"),
        transform: Timestamp.init(argument:))
    var after: Timestamp?

    @Option(help: ArgumentHelp("Only jobs of this trained model.", valueName: "arn"))
    var solution: String?

    @Option(help: "Of Matching and IdMapping, the workflow whose jobs to list; all by default.")
    var workflow: String?

    @Option(
        help: ArgumentHelp(
            "How many to list at most; \(maximumRows) by default in a table, no limit with -o json.",
            valueName: "number"))
    var limit: Int?

    /// Rows of a table where no limit is given.
    private static let maximumRows = 100
    /// Workflows to look into where none is named.
    private static let maximumWorkflows = 1000

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    private var filter: JobFilter {
        JobFilter(name: name, status: status, before: before, after: after, solution: solution)
    }

    /// The families to list; all those that are named have to be able to have such jobs.
    private func families() throws -> [Family] {
        let (filter, workflow) = (filter, workflow)
        func obstacle(_ family: Family) -> ValidationError? {
            if workflow != nil, !family.kind.hasWorkflows { return ValidationError("\(family.name) has no --workflow") }
            return filter.obstacle(family)
        }
        if names.contains(where: { $0.lowercased() == "all" }) {
            if let status, Family.all.allSatisfy({ $0.state(status) == nil }) {
                throw Family.unknownState(status, of: Family.all)
            }
            let families = Family.all.filter { obstacle($0) == nil }
            guard !families.isEmpty else { throw ValidationError("no family has jobs that can meet all conditions") }
            return families
        }
        var families: [Family] = []
        for family in try names.map(Family.init(argument:)) where !families.contains(where: { $0.kind == family.kind })
        {
            if let obstacle = obstacle(family) { throw obstacle }
            families.append(family)
        }
        return families
    }

    func validate() throws {
        _ = try families()
        guard limit ?? 1 > 0 else { throw ValidationError("--limit: at least 1 is possible") }
    }

    func run() async throws {
        let families = try families()
        let limit = limit ?? (output.isJSON ? nil : Self.maximumRows)
        try await common.withClient { client in
            var jobs = try await MergedJobs(try await lists(families, client), client, limit: limit)
            var table = JobTable(times.format)
            var count = 0
            while limit.map({ count < $0 }) ?? true, let job = try await jobs.next() {
                count += 1
                if output.isJSON { try Terminal.line(JobLine(job).text) } else { table.add(job) }
            }
            if !output.isJSON {
                if count == 0 { Terminal.note("no jobs") } else { try Terminal.line(table.text(width: Terminal.width)) }
            }
            if jobs.hasMore, let limit { Terminal.note(Self.more(than: limit)) }
        }
    }

    /// The lists that the jobs are on, one for each family or workflow.
    private func lists(_ families: [Family], _ client: JoblineClient) async throws -> [JobList] {
        var lists: [JobList] = []
        for family in families {
            guard family.kind.hasWorkflows, workflow == nil else {
                lists.append(JobList(family: family, workflow: workflow, filter: filter))
                continue
            }
            let names = try await client.workflows(of: family.kind, atMost: Self.maximumWorkflows + 1)
            if names.count > Self.maximumWorkflows {
                Terminal.note(
                    "only jobs of the first \(Self.maximumWorkflows) workflows of \(family.name) are listed; "
                        + "see others with --workflow")
            }
            lists += names.prefix(Self.maximumWorkflows).map {
                JobList(family: family, workflow: $0, isFound: true, filter: filter)
            }
        }
        return lists
    }

    /// The note that not all jobs are listed.
    static func more(than limit: Int) -> String {
        let (next, isTooLarge) = limit.multipliedReportingOverflow(by: 10)
        return "there are more than \(limit); see them with --limit \(isTooLarge ? Int.max : next)"
    }
}
