internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// Implements `joblinectl statistics`.
struct StatisticsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Show statistics since the start of the daemon.",
        discussion: """
            The statistics include this command. Times are percentiles: half of the calls took at most P50. Calls \
            refused before execution have no time.
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
