internal import ArgumentParser
internal import Jobline

/// Implements `joblinectl watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print the current state of jobs, and a line for each change.",
        discussion: """
            \(JobOptions.explanation)

            A line has the time, the job, its state, its progress if known, and the reason of a failure. Continues \
            across restarts of joblined, until Ctrl-C. \(JobLine.explanation)

            For example:
              joblinectl watch RxNormInference/0123456789abcdef0123456789abcdef
              joblinectl watch --until-ended Matching/people/1f BatchSegment/nightly
              joblinectl watch -o json BatchSegment nightly
            """)

    @OptionGroup var jobs: JobOptions

    @Flag(help: "End when all jobs have ended or do not exist.")
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
                references, until: untilEnded ? .terminal : nil, options: CallOptions(timeout: common.callTimeout))
            for try await job in changes {
                try Terminal.line(output.isJSON ? JobLine(job).text : line.text(job, at: .now))
            }
        }
    }
}

/// Line of text for a change of a job, with the same columns for all jobs.
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
