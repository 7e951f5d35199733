internal import ArgumentParser
internal import Glibc
internal import Histogram
internal import Jobline

/// What the SDK itself costs: many calls at a time over its one connection, and one after the other beside a bare socket.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Describes jobs through the SDK, many at a time and one after the other.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Tasks that describe a job at the same time.")
    var tasks = 256

    @Option(help: "How often everything has its turn.")
    var rounds = 9

    @Option(help: "Calls of each task in each turn.")
    var calls = 200

    @Option(help: "Calls one after the other in each turn, through the SDK and over a bare socket.")
    var sequentialCalls = 2000

    func run() async throws {
        try await options.withDaemon { daemon in
            try await daemon.client { try await measure(daemon, $0) }
        }
    }

    private func measure(_ daemon: Daemon, _ client: JoblineClient) async throws {
        let id = try await Daemon.startJob(client)
        let socket = try Connection(to: daemon.socket)
        defer { socket.close() }
        let request = Request("ComprehendMedical.DescribeRxNormInferenceJob", #"{"JobId":"\#(id)"}"#)

        var times = Samples()
        var own = Samples()
        var daemons = Samples()
        var sdk = Load.histogram()
        var bare = Load.histogram()
        for round in 0...rounds {
            note(round == 0 ? "warming up" : "round \(round) of \(rounds)")
            let before = (Stopwatch.now(), ProcessorTime.of(getpid()), daemon.processorTime)
            try await describe(id, client)
            let after = (Stopwatch.now(), ProcessorTime.of(getpid()), daemon.processorTime)
            if round > 0 {
                times.add(after.0 - before.0)
                own.add(UInt64((after.1 - before.1) / .nanoseconds(1)))
                daemons.add(UInt64((after.2 - before.2) / .nanoseconds(1)))
            }
            // By turns, call by call, so that whatever else the machine does meets both alike.
            for _ in 0..<sequentialCalls {
                let start = Stopwatch.now()
                _ = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
                let middle = Stopwatch.now()
                try socket.ask(request)
                let end = Stopwatch.now()
                guard round > 0 else { continue }
                sdk.record(middle - start)
                bare.record(end - middle)
            }
        }

        let count = UInt64(tasks * calls)
        print(
            """
            ## The SDK

            \(tasks) tasks describe a job over the one connection of a client, \(Show.count(Int(count) * rounds)) times in \(rounds) \
            rounds, of which the medians count; and one task \(Show.count(sequentialCalls * rounds)) times, beside a bare socket \
            that asks the same and understands nothing.

            """)
        var together = Table("many at a time", "a second", "processor a call: client", "daemon")
        together.add(
            "\(tasks) tasks", Show.count(Int(count * 1_000_000_000 / max(times.median, 1))),
            Show.tenths(own.median, of: count), Show.tenths(daemons.median, of: count))
        print(together.text + "\n")
        var alone = Table("one after the other", "p50", "p99", "p50 to the socket's")
        for (name, latencies) in [("bare socket", bare), ("SDK", sdk)] {
            alone.add(
                name, Show.tenths(latencies.valueAtPercentile(50), of: 1),
                Show.tenths(latencies.valueAtPercentile(99), of: 1),
                Show.ratio(latencies.valueAtPercentile(50), bare.valueAtPercentile(50)))
        }
        print(alone.text)
    }

    private func describe(_ id: String, _ client: JoblineClient) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    for _ in 0..<calls {
                        _ = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
