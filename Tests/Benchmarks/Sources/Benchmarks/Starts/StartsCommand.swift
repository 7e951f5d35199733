internal import ArgumentParser

/// Measures the rate of starts, and of reads beside them.
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

    @Option(help: "How often each load has its turn.")
    var rounds = 5

    @Option(help: "How long such a turn is.")
    var seconds = 2.0

    func run() async throws {
        try await options.withDaemon { try await measure($0) }
    }

    /// Results of the loads, over all turns.
    private struct Turns {
        var reads = Turn()
        var starts = Turn()
        var both = (reads: Turn(), starts: Turn())
        var atRate = (reads: Turn(), starts: Turn())
    }

    private func measure(_ daemon: Daemon) async throws {
        let socket = daemon.socket
        let ids = try (0..<jobs).map { try daemon.startJob(token: "described-\($0)") }
        let describe = LoadRequests.describe(ids)
        let start = LoadRequests.frames(Daemon.startMethod, [Daemon.start(token: LoadRequests.number)])
        let read: @Sendable () throws -> LoadResult = { [readers, seconds] in
            try LoadGenerator(to: socket, describe, connections: readers, depth: 1).run(seconds: seconds)
        }
        // Unique numbers make unique tokens, so each start creates a job.
        var firstNumber: UInt64 = 0
        func write(rate: Double) -> @Sendable () throws -> LoadResult {
            firstNumber += 1_000_000_000
            return { [writers, seconds, firstNumber] in
                try LoadGenerator(to: socket, start, connections: writers, depth: 1, firstNumber: firstNumber)
                    .run(seconds: seconds, rate: rate)
            }
        }
        var turns = Turns()
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            try turns.reads.add(read())
            try turns.starts.add(write(rate: 0)())
            let both = try await together([read, write(rate: 0)])
            try turns.both.reads.add(both[0])
            try turns.both.starts.add(both[1])
            let atRate = try await together([read, write(rate: rate)])
            try turns.atRate.reads.add(atRate[0])
            try turns.atRate.starts.add(atRate[1])
        }
        report(turns)
    }

    private func report(_ turns: Turns) {
        var table = Table("load", "a second", "p50", "p99", "longest")
        for (load, turn) in [
            ("describe, \(readers) connections", turns.reads),
            ("start, \(writers) connections", turns.starts),
            ("both at once: describe", turns.both.reads),
            ("both at once: start", turns.both.starts),
            ("beside \(Show.plain(rate)) starts a second: describe", turns.atRate.reads),
            ("beside them: start", turns.atRate.starts),
        ] {
            table.add(
                load, Show.count(Int(turn.rate)), Show.microseconds(turn.latencies.p50),
                Show.microseconds(turn.latencies.p99), Show.microseconds(turn.latencies.longest))
        }
        var goals = Goals()
        goals.add("starts a second", turns.starts.rate, atLeast: 5000)
        goals.add("p99 of a start, ms", Double(turns.starts.latencies.p99) / 1e6, atMost: 50)
        goals.add(
            "describe beside all the starts there can be, to alone", turns.both.reads.rate / turns.reads.rate,
            atLeast: 0.7)
        goals.add(
            "describe beside \(Show.plain(rate)) starts a second, to alone", turns.atRate.reads.rate / turns.reads.rate,
            atLeast: 0.7)
        print(
            """
            ## Starts

            \(rounds) turns of \(seconds) s for each load: median rates, and the latencies of all turns. The reply to a start comes \
            when the job is on disk. Each connection sends its next request after a reply, except in the load with \
            \(Show.plain(rate)) starts a second: there starts are due every millisecond, and latency counts from the due time.

            \(table.text)

            \(goals.text)
            """)
    }
}

/// Results of a load, over all its turns.
private struct Turn {
    private var rates: [Double] = []
    private(set) var latencies = Latencies()

    /// The median.
    var rate: Double { rates.median ?? 0 }

    mutating func add(_ result: LoadResult) throws {
        guard result.errors == 0 else { throw BenchmarkError("the daemon refused some of the requests") }
        rates.append(result.rate)
        latencies.add(result.latencies)
    }
}
