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
        try await Directory.with(in: options.directory) { directory in
            // One job runs and the others pile up.
            try await Daemon.with(options.daemon, in: directory, executor: ["/bin/sleep", "86400"]) { daemon in
                try await measure(daemon)
            }
        }
    }

    private func measure(_ daemon: Daemon) async throws {
        let id = try await daemon.client { try await Daemon.startJob($0) }
        let describe = { @Sendable (_: Int) in
            Request("ComprehendMedical.DescribeRxNormInferenceJob", #"{"JobId":"\#(id)"}"#)
        }
        let start = { @Sendable (number: Int) in
            Request(
                "ComprehendMedical.StartRxNormInferenceJob",
                #"""
                {"InputDataConfig":{"S3Bucket":"notes","S3Key":""},"OutputDataConfig":{"S3Bucket":"results","S3Key":"out"},\#
                "DataAccessRoleArn":"arn:aws:iam::000000000000:role/jobline","LanguageCode":"en","JobName":"benchmark",\#
                "ClientRequestToken":"benchmark-\#(number)"}
                """#)
        }
        note("describing for \(seconds) s")
        let quiet = try await Load(seconds: seconds).run([(readers, describe)], socket: daemon.socket)
        note("starting and describing for \(seconds) s")
        let busy = try await Load(seconds: seconds).run(
            [(writers, start), (readers, describe)], socket: daemon.socket)

        var table = Table("closed loop", "a second", "p50", "p99", "longest")
        add(quiet[0], "describe, \(readers) connections, alone", to: &table)
        add(busy[1], "describe, \(readers) connections, beside starts", to: &table)
        add(busy[0], "start, \(writers) connections", to: &table)
        print("## Starts\n\nOver \(seconds) s each; a start is answered when it is on disk.\n\n\(table.text)")
    }

    private func add(_ histogram: Histogram<UInt64>, _ name: String, to table: inout Table) {
        table.add(
            name, Show.count(Int(histogram.totalCount) / seconds),
            Show.microseconds(histogram.valueAtPercentile(50)), Show.microseconds(histogram.valueAtPercentile(99)),
            Show.microseconds(histogram.maxRecorded))
    }
}
