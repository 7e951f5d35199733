internal import ArgumentParser
internal import Jobline

/// `joblinectl watch`
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print jobs as they are, and a line for each change.",
        discussion: """
            \(JobOptions.explanation)

            A line has the time, the job, its state in the same words for all services, how much is done where that is known, and \
            why it failed. With -o json it is what the daemon tells, the whole job in it. It goes on over restarts of joblined, \
            until Ctrl-C.

            For example:
              joblinectl watch RxNormInference 0123456789abcdef0123456789abcdef
              joblinectl watch --until-ended Matching/people/1f BatchSegment/nightly
              joblinectl watch -o json BatchSegment nightly
            """)

    @OptionGroup var jobs: JobOptions

    @Flag(help: "End by itself when all of the jobs have ended or are gone.")
    var untilEnded = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await Interruption.interruptible { try await watch() }
    }

    private func watch() async throws {
        try await common.withClient(waitsForDaemon: true) { client in
            let references = try await jobs.references(client)
            let line = ChangeLine(references)
            let changes = client.watch(
                references, until: untilEnded ? .terminal : nil, options: CallOptions(timeout: common.patience))
            for try await job in changes {
                try Terminal.line(output.isJSON ? job.changeJSON : line.text(job, at: .now))
            }
        }
    }
}

/// One change of a job as a line, its columns the same for all jobs.
struct ChangeLine: Sendable {
    private let name: @Sendable (JobReference) -> String
    private let width: Int

    init(_ references: [JobReference]) {
        name = references.naming
        width = references.map { [name] in Terminal.plain(name($0)).columns }.max() ?? 0
    }

    func text(_ job: Job, at time: Timestamp) -> String {
        let cells = [
            time.text, Terminal.plain(name(job.reference)).fitted(to: width),
            Terminal.plain(job.state.rawValue).fitted(to: 9), job.percentage.fitted(to: 4),
            Terminal.plain(job.message ?? ""),
        ]
        return cells.joined(separator: "  ").withoutTrailingSpaces
    }
}
