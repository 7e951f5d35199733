internal import ArgumentParser
internal import Jobline

/// `joblinectl wait`
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended; the exit status says whether all ended well.",
        discussion: """
            Prints each job when it has ended. Ended well is COMPLETED, ACTIVE or SUCCEEDED; anything else, PARTIAL_SUCCESS \
            included, ends with exit status 1. Without --timeout it waits for ever, and outlasts a restart of joblined.

            For example:
              job=$(joblinectl start RxNormInference --input s3://notes/ --output s3://out/)
              joblinectl wait RxNormInference "$job" --timeout 600 && echo done
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

    @Argument(help: "The jobs, each as describe takes it.")
    var jobs: [String]

    @Option(help: "The workflow of Matching or IdMapping jobs.")
    var workflow: String?

    @OptionGroup var common: CommonOptions

    private func references() throws -> [JobReference] {
        try jobs.map { try family.family.reference($0, workflow: workflow) }
    }

    func validate() throws { _ = try references() }

    func run() async throws {
        let patience = common.patience
        var failed = 0
        try await common.withClient(waitsForDaemon: true) { client in
            let vigil = Vigil(family: family.family, client: client, surroundings: .system)
            try await vigil.run(try references(), patience: patience) { job, former in
                if Terminal.isError { Terminal.note(Terminal.plain(change(job, former))) }
                if job.standing == .endedBadly { failed += 1 }
                if job.standing != .goingOn { print(common.json ? job.json : ending(job)) }
            }
        }
        guard failed > 0 else { return }
        let noun = failed == 1 ? "job" : "jobs"
        throw CommandFailure(message: "\(failed) \(noun) of \(jobs.count) did not end well", status: .jobFailed)
    }

    private func change(_ job: Job, _ former: String?) -> String {
        "\(job.reference): " + (former.map { "\($0) → " } ?? "") + job.state
    }

    private func ending(_ job: Job) -> String {
        Terminal.plain([job.reference, job.state, job.message ?? ""].filter { !$0.isEmpty }.joined(separator: "  "))
    }
}
