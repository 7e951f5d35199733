internal import ArgumentParser
internal import Jobline

/// `joblinectl list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the newest first.",
        discussion: """
            Of several families, or of all, it merges the newest ones. The services filter by one thing at a time: Amazon Comprehend \
            Medical by --name, --status, --before or --after, Amazon Personalize by --solution. Elsewhere --status is kept here, \
            from all jobs. A TIME is such as 2026-11-21T04:20:30Z, or seconds since 1970. Of Matching and IdMapping the jobs of \
            one workflow after the other are listed if none is named.

            For example:
              joblinectl list RxNormInference --status FAILED
              joblinectl list PHIDetection --after 2026-11-21T00:00:00Z
              joblinectl list BatchInference --solution ARN
              joblinectl list Matching --workflow people --limit 5
              joblinectl list all
            """)

    @Argument(
        help: ArgumentHelp("The kinds of job; all for every one.", valueName: "family"),
        completion: .list(FamilyArgument.allValueStrings + ["all"]))
    var names: [String]

    @Option(
        help: ArgumentHelp("Only jobs in this state, such as COMPLETED or \"IN PROGRESS\".", valueName: "state"),
        completion: .custom(Completion.states))
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

    @Option(help: "Of Matching and IdMapping, the workflow whose jobs to list.")
    var workflow: String?

    @Option(help: ArgumentHelp("How many to list at most.", valueName: "number"))
    var limit = 100

    /// Workflows to look into where none is named.
    private static let maximumWorkflows = 1000

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    private func families() throws -> [Family] {
        if names.contains(where: { $0.lowercased() == "all" }) { return Family.all }
        return try names.map { name in
            guard let family = Family.named(name) else {
                throw ValidationError("'\(name)' is no family; see joblinectl --help for them")
            }
            return family
        }
    }

    private var options: [ListOption] {
        var options: [ListOption] = []
        if name != nil { options.append(.name) }
        if status != nil { options.append(.status) }
        if before != nil { options.append(.before) }
        if after != nil { options.append(.after) }
        if solution != nil { options.append(.solution) }
        return options
    }

    func validate() throws {
        for family in try families() {
            if let surplus = options.first(where: { !family.filters.contains($0) && $0 != .status }) {
                throw ValidationError("\(family.name) has no \(surplus.rawValue)")
            }
            guard options.count(where: family.filters.contains) <= 1 else {
                let options = family.filters.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\(family.name) takes only one at a time of \(options)")
            }
            if !family.kind.hasWorkflows, workflow != nil {
                throw ValidationError("\(family.name) has no --workflow")
            }
        }
        guard limit > 0 else { throw ValidationError("--limit: at least 1 is possible") }
    }

    func run() async throws {
        let families = try families()
        let streams = output.isJSON && families.count == 1
        try await common.withClient { client in
            var jobs: [Job] = []
            var isComplete = true
            for family in families {
                var count = 0
                try await each(family, client) { job in
                    guard count < limit else {
                        isComplete = false
                        return false
                    }
                    count += 1
                    if streams { try Terminal.line(job.json) } else { jobs.append(job) }
                    return true
                }
            }
            if streams { return }
            if families.count > 1 {
                jobs.sort { ($0.submitted?.milliseconds ?? 0) > ($1.submitted?.milliseconds ?? 0) }
                if jobs.count > limit { isComplete = false }
                jobs = Array(jobs.prefix(limit))
            }
            if output.isJSON {
                for job in jobs { try Terminal.line(job.changeJSON) }
            } else {
                try show(jobs, named: families.count > 1)
                if !isComplete { Terminal.note("there are more; see them with --limit \(limit * 10)") }
            }
        }
    }

    /// Goes through the jobs of a family, page after page, for as long as `visit` wants more.
    private func each(_ family: Family, _ client: JoblineClient, _ visit: (Job) throws -> Bool) async throws {
        let filter = filter(of: family)
        let sieves = status != nil && !family.filters.contains(.status)
        // One more than is shown tells whether there are more.
        let pageSize = sieves ? family.maximumPage : min(limit + 1, family.maximumPage)
        func go(_ workflow: String?) async throws -> Bool {
            for try await job in client.jobs(family.kind, workflow: workflow, filter: filter, pageSize: pageSize)
            where !sieves || isWanted(job) {
                guard try visit(job) else { return false }
            }
            return true
        }
        guard family.kind.hasWorkflows, workflow == nil else {
            _ = try await go(workflow)
            return
        }
        for workflow in try await client.workflows(of: family.kind, atMost: Self.maximumWorkflows) {
            guard try await go(workflow) else { return }
        }
    }

    /// What the service is asked to filter by; what is left is for ``isWanted(_:)``.
    private func filter(of family: Family) -> Job.Filter? {
        switch options.first(where: family.filters.contains) {
        case .name: name.map { .name($0) }
        case .status: status.map { .status(.init(rawValue: Job.comparable($0).replacing(" ", with: "_"))) }
        case .before: before.map { .submittedBefore($0) }
        case .after: after.map { .submittedAfter($0) }
        case .solution: solution.map { .solutionVersion(arn: $0) }
        case nil: nil
        }
    }

    private func isWanted(_ job: Job) -> Bool {
        status.map { Job.comparable(job.word) == Job.comparable($0) } ?? true
    }

    private func show(_ jobs: [Job], named: Bool) throws {
        guard !jobs.isEmpty else {
            Terminal.note("no jobs")
            return
        }
        var table = Table(["JOB", "STATE", "STARTED", "NAME"], flexible: 3)
        for job in jobs {
            let reference = named ? job.reference.fullName : job.reference.shortName
            table.add([reference, job.word, job.submitted?.text ?? "-", job.name ?? ""])
        }
        try Terminal.line(table.text(width: Terminal.width))
    }
}
