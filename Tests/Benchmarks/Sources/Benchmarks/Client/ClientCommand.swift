internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Measures the cost of the SDK: many concurrent calls over one connection, and sequential calls beside a bare socket.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Describes a job through the SDK, many times at once and one after the other.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Tasks that describe the job at the same time.")
    var tasks = 256

    @Option(help: "How often everything has its turn.")
    var rounds = 9

    @Option(help: "Calls of each task in each turn.")
    var calls = 200

    @Option(help: "Calls one after the other in each turn, through the SDK and over a bare socket.")
    var sequentialCalls = 2000

    func run() async throws {
        try await options.withDaemon { daemon in
            let id = try daemon.startJob()
            let together = try await daemon.client { try await measureTogether(daemon, $0, id) }
            let sequence = try await measureSequence(daemon, id)
            report(together, sequence)
        }
    }

    /// Duration of a turn, in nanoseconds.
    private struct Together {
        var times = Samples()
        var clientTimes = Samples()
        var daemonTimes = Samples()
    }

    private func measureTogether(_ daemon: Daemon, _ client: JoblineClient, _ id: String) async throws -> Together {
        var together = Together()
        for round in 0...rounds {
            note(round == 0 ? "warming up" : "at once: round \(round) of \(rounds)")
            let start = (Stopwatch.now(), ProcessorTime.of(getpid()), daemon.process.processorTime)
            try await describe(id, client)
            let end = (Stopwatch.now(), ProcessorTime.of(getpid()), daemon.process.processorTime)
            guard round > 0 else { continue }
            together.times.add(end.0 - start.0)
            together.clientTimes.add(UInt64((end.1 - start.1) / .nanoseconds(1)))
            together.daemonTimes.add(UInt64((end.2 - start.2) / .nanoseconds(1)))
        }
        return together
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

    /// Latencies of the SDK, and of the bare socket in between.
    private struct Sequence {
        var sdk = Latencies()
        var socket = Latencies()
    }

    private func measureSequence(
        _ daemon: Daemon, _ id: String
    ) async throws -> (anywhere: Sequence, withExecutor: Sequence) {
        var anywhere = Sequence()
        var withExecutor = Sequence()
        for round in 1...rounds {
            note("one after the other: round \(round) of \(rounds)")
            try await daemon.client { try await measure(daemon, $0, id, &anywhere) }
            try await daemon.client { client in
                try await withTaskExecutorPreference(client.executor) {
                    try await measure(daemon, client, id, &withExecutor)
                }
            }
        }
        return (anywhere, withExecutor)
    }

    /// Measures both in turn, call by call, so that noise of the machine affects both.
    private func measure(
        _ daemon: Daemon, _ client: JoblineClient, _ id: String, _ sequence: inout Sequence
    ) async throws {
        let socket = try Connection(to: daemon.socket)
        defer { socket.close() }
        let request = Request("ComprehendMedical.DescribeRxNormInferenceJob", #"{"JobId":"\#(id)"}"#)
        for call in 0..<sequentialCalls {
            let start = Stopwatch.now()
            _ = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
            let middle = Stopwatch.now()
            try socket.ask(request)
            let end = Stopwatch.now()
            // Warm-up of the connections.
            guard call >= sequentialCalls / 10 else { continue }
            sequence.sdk.record(middle - start)
            sequence.socket.record(end - middle)
        }
    }

    private func report(_ together: Together, _ sequence: (anywhere: Sequence, withExecutor: Sequence)) {
        let count = UInt64(tasks * calls)
        let rate = count * 1_000_000_000 / max(together.times.median, 1)
        print(
            """
            ## The SDK

            \(tasks) tasks describe a job over the connection of one client, \(Show.count(Int(count) * rounds)) times; medians of \
            \(rounds) rounds. Then one task describes it \(Show.count(sequentialCalls * rounds)) times. Between two calls it sends the \
            same request over a bare socket, without decoding the response. Measured on any thread, and on the client's executor.

            """)
        var table = Table("at once", "a second", "processor a call: client", "daemon")
        table.add(
            "\(tasks) tasks", Show.count(Int(rate)), Show.tenths(together.clientTimes.median, of: count),
            Show.tenths(together.daemonTimes.median, of: count))
        print(table.text + "\n")
        table = Table("one after the other", "p50", "p99", "the socket's p50", "ratio")
        let sequences = [("on any thread", sequence.anywhere), ("with its executor", sequence.withExecutor)]
        for (name, some) in sequences {
            table.add(
                name, Show.tenths(some.sdk.p50, of: 1), Show.tenths(some.sdk.p99, of: 1),
                Show.tenths(some.socket.p50, of: 1), Show.ratio(some.sdk.p50, some.socket.p50))
        }
        print(table.text + "\n")
        var goals = Goals()
        goals.add("describes a second over one connection", Double(rate), atLeast: 100_000)
        goals.add(
            "the client's processor time a call, in µs", Double(together.clientTimes.median) / Double(count) / 1000,
            atMost: 8)
        for (name, some) in sequences {
            goals.add(
                "p50 of calls one after the other, \(name), of the socket's",
                Double(some.sdk.p50) / Double(max(some.socket.p50, 1)), atMost: 1.3)
        }
        print(goals.text)
    }
}
