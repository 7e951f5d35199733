internal import ArgumentParser
internal import Histogram

/// How many jobs callers can start, and what reads meet meanwhile.
struct StartsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "starts", abstract: "Starts jobs from many connections at once, and describes jobs meanwhile.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Connections that start one job after the other.")
    var writers = 64

    @Option(help: "Connections that describe one job after the other.")
    var readers = 4

    @Option(help: "How long.")
    var seconds = 10

    func run() async throws {
        try await options.withDaemon { try await measure($0) }
    }

    private func measure(_ daemon: Daemon) async throws {
        let id = try await daemon.client { try await Daemon.startJob($0) }
        let describe = { @Sendable (_: Int) in
            Request("ComprehendMedical.DescribeRxNormInferenceJob", #"{"JobId":"\#(id)"}"#)
        }
        let start = { @Sendable (round: String) in
            { @Sendable (number: Int) in
                Request(
                    "ComprehendMedical.StartRxNormInferenceJob",
                    #"""
                    {"InputDataConfig":{"S3Bucket":"notes","S3Key":""},"OutputDataConfig":{"S3Bucket":"results","S3Key":"out"},\#
                    "DataAccessRoleArn":"arn:aws:iam::000000000000:role/jobline","LanguageCode":"en","JobName":"benchmark",\#
                    "ClientRequestToken":"\#(round)-\#(number)"}
                    """#)
            }
        }
        let load = Load(seconds: seconds)
        note("describing for \(seconds) s")
        let reads = try await load.run([(readers, describe)], socket: daemon.socket)
        note("starting for \(seconds) s")
        let starts = try await load.run([(writers, start("alone"))], socket: daemon.socket)
        note("starting and describing for \(seconds) s")
        let both = try await load.run([(writers, start("beside")), (readers, describe)], socket: daemon.socket)

        var table = Table("closed loop", "a second", "p50", "p99", "longest")
        add(reads[0], "describe, \(readers) connections", to: &table)
        add(starts[0], "start, \(writers) connections", to: &table)
        add(both[1], "both at once: describe", to: &table)
        add(both[0], "both at once: start", to: &table)
        print("## Starts\n\nOver \(seconds) s each; a start is answered when it is on disk.\n\n\(table.text)")
    }

    private func add(_ histogram: Histogram<UInt64>, _ name: String, to table: inout Table) {
        table.add(
            name, Show.count(Int(histogram.totalCount) / seconds),
            Show.microseconds(histogram.valueAtPercentile(50)), Show.microseconds(histogram.valueAtPercentile(99)),
            Show.microseconds(histogram.maxRecorded))
    }
}
