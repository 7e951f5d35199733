internal import ArgumentParser
internal import Jobline

/// Implements `joblinectl list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first.",
        discussion: """
            Lists the jobs that meet all given conditions. Families whose jobs cannot meet them are skipped if the \
            family is all.

            A state is one of \(Family.states.map(\.rawValue).joined(separator: ", ")), or a status of the service, \
            such as COMPLETED. A time is an age such as 1h or 2d, 2026-11-21, "2026-11-21 04:20", \
            2026-11-21T04:20:30Z, or seconds since 1970; without an offset it is local.

            \(JobLine.explanation)

            For example:
              joblinectl list RxNormInference --status failed --after 2d
              joblinectl list PHIDetection --after 2026-11-21 --before 2026-11-22
              joblinectl list BatchInference --solution ARN --status ACTIVE
              joblinectl list Matching --workflow people --limit 5
              joblinectl list all --status failed -o json
            """)

    @Argument(
        help: ArgumentHelp("Families to list, or all.", valueName: "family"),
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

    @Option(help: "Workflow of Matching or IdMapping jobs; all workflows by default.")
    var workflow: String?

    @Option(
        help: ArgumentHelp(
            "Maximum number of jobs; \(maximumRows) by default in a table, unlimited with -o json.",
            valueName: "number"))
    var limit: Int?

    /// Default maximum of rows in a table.
    private static let maximumRows = 100
    /// Maximum number of workflows to search if none is given.
    private static let maximumWorkflows = 1000

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    private var filter: JobFilter {
        JobFilter(name: name, status: status, before: before, after: after, solution: solution)
    }

    /// Returns the families to list.
    ///
    /// - Throws: If the jobs of a named family cannot meet the conditions.
    private func families() throws -> [Family] {
        let (filter, workflow) = (filter, workflow)
        func rejection(_ family: Family) -> ValidationError? {
            if workflow != nil, !family.kind.hasWorkflows {
                return ValidationError("--workflow is not supported for \(family.name)")
            }
            return filter.rejection(family)
        }
        if names.contains(where: { $0.lowercased() == "all" }) {
            if let status, Family.all.allSatisfy({ $0.state(status) == nil }) {
                throw Family.unknownState(status, of: Family.all)
            }
            let families = Family.all.filter { rejection($0) == nil }
            guard !families.isEmpty else { throw ValidationError("no family has jobs that meet all conditions") }
            return families
        }
        var families: [Family] = []
        for family in try names.map(Family.init(argument:)) where !families.contains(where: { $0.kind == family.kind })
        {
            if let rejection = rejection(family) { throw rejection }
            families.append(family)
        }
        return families
    }

    func validate() throws {
        _ = try families()
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be at least 1") }
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

    /// Returns one list for each family or workflow.
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
                    "only the jobs of the first \(Self.maximumWorkflows) workflows of \(family.name) are listed; "
                        + "use --workflow for others")
            }
            lists += names.prefix(Self.maximumWorkflows).map {
                JobList(family: family, workflow: $0, isDiscovered: true, filter: filter)
            }
        }
        return lists
    }

    /// Returns the note that there are more jobs.
    static func more(than limit: Int) -> String {
        let (next, isTooLarge) = limit.multipliedReportingOverflow(by: 10)
        return "there are more than \(limit) jobs; show them with --limit \(isTooLarge ? Int.max : next)"
    }
}
