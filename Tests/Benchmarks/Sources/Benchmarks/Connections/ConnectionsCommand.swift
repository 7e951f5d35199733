internal import ArgumentParser
internal import Jobline

/// Whether a client would be faster with more than the one connection that it has.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "Describes jobs through the SDK, over one connection and over several.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Tasks that describe one job after the other.")
    var tasks = 256

    @Option(help: "How often each number of connections has its turn.")
    var rounds = 9

    @Option(help: "Calls of each task in each turn.")
    var calls = 80

    /// A connection is a client of its own.
    private static let numbers = [1, 2, 4]

    func run() async throws {
        try await options.withDaemon { try await measure($0) }
    }

    private func measure(_ daemon: Daemon) async throws {
        let id = try daemon.startJob()
        let clients = (0..<(Self.numbers.max() ?? 1)).map { _ in
            JoblineClient(configuration: .init(socketPath: daemon.socket))
        }
        var latencies = Self.numbers.map { _ in Latencies() }
        var times = Self.numbers.map { _ in Samples() }
        for round in 0...rounds {
            note(round == 0 ? "warming up" : "round \(round) of \(rounds)")
            for index in Self.numbers.indices.shuffled() {
                let start = Stopwatch.now()
                let some = try await describe(id, Array(clients.prefix(Self.numbers[index])))
                let time = Stopwatch.now() - start
                guard round > 0 else { continue }
                times[index].add(time)
                for latency in some { latencies[index].record(latency) }
            }
        }
        for client in clients { await client.close() }

        print(
            """
            ## Connections of a client

            \(tasks) tasks describe a job through the SDK, \(Show.count(tasks * calls * rounds)) times in \(rounds) rounds with each \
            number of connections; median rates.

            """)
        var table = Table("connections", "a second", "to one", "p50", "p99", "longest")
        for (index, number) in Self.numbers.enumerated() {
            table.add(
                String(number), Show.count(tasks * calls * 1_000_000_000 / Int(max(times[index].median, 1))),
                Show.ratio(times[0].median, times[index].median),
                Show.microseconds(latencies[index].p50),
                Show.microseconds(latencies[index].p99),
                Show.microseconds(latencies[index].longest))
        }
        print(table.text)
    }

    /// - Returns: How long each call took, in nanoseconds.
    private func describe(_ id: String, _ clients: [JoblineClient]) async throws -> [UInt64] {
        try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for task in 0..<tasks {
                let client = clients[task % clients.count]
                group.addTask {
                    var latencies: [UInt64] = []
                    for _ in 0..<calls {
                        let start = Stopwatch.now()
                        _ = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
                        latencies.append(Stopwatch.now() - start)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
