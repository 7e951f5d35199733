internal import ArgumentParser

/// How many jobs callers can start, and what reads meet meanwhile.
struct StartsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "starts", abstract: "Starts jobs from many connections at once, and describes jobs meanwhile.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Connections that start one job after the other.")
    var writers = 64

    @Option(help: "Connections that describe one job after the other.")
    var readers = 4

    @Option(help: "Jobs that are described.")
    var jobs = 1000

    @Option(help: "Jobs that are due a second where writers do not wait for each other.")
    var rate = 5000.0

    @Option(help: "How long each load is.")
    var seconds = 10.0

    func run() async throws {
        try await options.withDaemon { try await measure($0) }
    }

    private func measure(_ daemon: Daemon) async throws {
        let socket = daemon.socket
        let ids = try (0..<jobs).map { try daemon.startJob(token: "described-\($0)") }
        let describe = LoadRequests.describe(ids)
        let start = LoadRequests.frames(Daemon.startMethod, [Daemon.start(token: LoadRequests.number)])
        let read: @Sendable () throws -> LoadResult = { [readers, seconds] in
            try LoadGenerator(to: socket, describe, connections: readers, depth: 1).run(seconds: seconds)
        }
        let write: @Sendable (UInt64, Double) throws -> LoadResult = { [writers, seconds] firstNumber, rate in
            try LoadGenerator(to: socket, start, connections: writers, depth: 1, firstNumber: firstNumber)
                .run(seconds: seconds, rate: rate)
        }
        // Numbers of their own, which make tokens of their own, so that each start makes a job.
        let (alone, beside, besideAtRate): (UInt64, UInt64, UInt64) = (0, 1_000_000_000, 2_000_000_000)
        note("describing for \(seconds) s")
        let reads = try read()
        note("starting for \(seconds) s")
        let starts = try write(alone, 0)
        note("starting and describing for \(seconds) s, and again at \(Show.plain(rate)) starts a second")
        let both = try await together([read, { @Sendable in try write(beside, 0) }])
        let atRate = try await together([read, { @Sendable [rate] in try write(besideAtRate, rate) }])
        guard (both + atRate + [reads, starts]).allSatisfy({ $0.errors == 0 }) else {
            throw BenchmarkError("the daemon refused some of the requests")
        }

        var table = Table("load", "a second", "p50", "p99", "longest")
        add(reads, "describe, \(readers) connections", to: &table)
        add(starts, "start, \(writers) connections", to: &table)
        add(both[0], "both at once: describe", to: &table)
        add(both[1], "both at once: start", to: &table)
        add(atRate[0], "beside \(Show.plain(rate)) starts a second: describe", to: &table)
        add(atRate[1], "beside them: start", to: &table)
        var goals = Goals()
        goals.add("starts a second", starts.rate, atLeast: 5000)
        goals.add("p99 of a start, ms", Double(starts.latencies.p99) / 1e6, atMost: 50)
        goals.add("describe beside all the starts there can be, to alone", both[0].rate / reads.rate, atLeast: 0.7)
        goals.add(
            "describe beside \(Show.plain(rate)) starts a second, to alone", atRate[0].rate / reads.rate, atLeast: 0.7)
        print(
            """
            ## Starts

            Over \(seconds) s each; a start is answered when it is on disk. Each reply is followed by the next request on its \
            connection, but where \(Show.plain(rate)) starts a second are due: those of a millisecond are due at once, and a latency \
            counts from when the start was due.

            \(table.text)

            \(goals.text)
            """)
    }

    private func add(_ result: LoadResult, _ name: String, to table: inout Table) {
        table.add(
            name, Show.count(Int(result.rate)), Show.microseconds(result.latencies.p50),
            Show.microseconds(result.latencies.p99), Show.microseconds(result.latencies.longest))
    }
}
