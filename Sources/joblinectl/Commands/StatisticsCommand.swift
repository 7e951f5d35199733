internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// `joblinectl statistics`
struct StatisticsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Show what the daemon counted since its start, and what is open now.",
        discussion: """
            This command is counted, too. Times are percentiles: half of the calls took at most P50. Calls that were refused before \
            they were carried out have no time.
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            let statistics = try await client.sidecar.getStatistics()
            let report = StatisticsReport(statistics, times.format)
            try Terminal.line(output.isJSON ? statistics.text : report.text(width: Terminal.width))
        }
    }
}
