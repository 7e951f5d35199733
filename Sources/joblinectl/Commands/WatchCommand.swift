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
            why it failed. It goes on over restarts of joblined, until Ctrl-C. \(JobLine.explanation)

            For example:
              joblinectl watch RxNormInference/0123456789abcdef0123456789abcdef
              joblinectl watch --until-ended Matching/people/1f BatchSegment/nightly
              joblinectl watch -o json BatchSegment nightly
            """)

    @OptionGroup var jobs: JobOptions

    @Flag(help: "End by itself when all of the jobs have ended or are gone.")
    var untilEnded = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await Interruption.interruptible { try await watch() }
    }

    private func watch() async throws {
        try await common.withClient(waitsForDaemon: true) { client in
            let references = try await jobs.references(client)
            let line = ChangeLine(references, times.format)
            let changes = client.watch(
                references, until: untilEnded ? .terminal : nil, options: CallOptions(timeout: common.patience))
            for try await job in changes {
                try Terminal.line(output.isJSON ? JobLine(job).text : line.text(job, at: .now))
            }
        }
    }
}

/// One change of a job as a line, its columns the same for all jobs.
struct ChangeLine: Sendable {
    private let width: Int
    private let times: TimeFormat

    init(_ references: [JobReference], _ times: TimeFormat) {
        width = references.map { Terminal.plain($0.description).columns }.max() ?? 0
        self.times = times
    }

    func text(_ job: Job, at time: Timestamp) -> String {
        let cells = [
            times.text(time), Terminal.plain(job.reference.description).fitted(to: width),
            Terminal.plain(job.state.rawValue).fitted(to: 9), job.percentage.fitted(to: 4),
            Terminal.plain(job.message ?? ""),
        ]
        return cells.joined(separator: "  ").withoutTrailingSpaces
    }
}
