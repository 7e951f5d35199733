internal import ArgumentParser
internal import Jobline

/// `joblinectl list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the newest first.",
        discussion: """
            For example:
              joblinectl list RxNormInference --status FAILED
              joblinectl list Matching --workflow customers --limit 5
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

    @Option(help: ArgumentHelp("Only jobs in this state, such as COMPLETED or \"IN PROGRESS\".", valueName: "state"))
    var status: String?

    @Option(help: "The workflow whose jobs to list; Matching needs it.")
    var workflow: String?

    @Option(help: ArgumentHelp("How many to list at most.", valueName: "number"))
    var limit = 100

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let family = family.family
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
        var query = JobQuery(
            workflow: workflow ?? "", pageSize: min(status == nil ? limit : family.maximumPage, family.maximumPage))
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
        func comparable(_ text: String) -> [Character] { text.uppercased().map { $0 == "_" ? " " : $0 } }
        return comparable(state) == comparable(status)
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
