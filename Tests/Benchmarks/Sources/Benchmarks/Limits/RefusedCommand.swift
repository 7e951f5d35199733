internal import ArgumentParser

/// What it costs the daemon to refuse a request, beside serving it.
struct RefusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused", abstract: "Describes jobs without limits, and far beyond them.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that there are.")
    var jobs = 10_000

    @Option(help: "How often each daemon has its turn.")
    var rounds = 5

    @Option(help: "How long such a turn is.")
    var seconds = 1.0

    private static let points = [
        LoadPoint(connections: 1, depth: 32), LoadPoint(connections: 50, depth: 1),
        LoadPoint(connections: 50, depth: 8),
    ]

    func run() async throws {
        try await options.withJobs(jobs) { serving, ids in
            let requests = LoadRequests.describe(ids)
            try LoadGenerator(to: serving.socket, requests, connections: 1, depth: 32).warmUp(ids.count)
            let limits = "{client: {read: {rate: 1, burst: 1}}}"
            try await options.withJobs(1, limits: limits) { refusing, _ in try measure(serving, refusing, requests) }
        }
    }

    private func measure(_ serving: Daemon, _ refusing: Daemon, _ requests: LoadRequests) throws {
        try options.separate([serving.process, refusing.process])
        var served = Self.points.map { _ in [Measurement]() }
        var refused = served
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            for index in Self.points.indices {
                served[index].append(try ask(serving, requests, Self.points[index], refuses: false))
                refused[index].append(try ask(refusing, requests, Self.points[index], refuses: true))
            }
        }
        var table = Table("load", "refused a second", "served a second", "CPU of a refused one", "CPU of a served one")
        var goals = Goals()
        for (index, point) in Self.points.enumerated() {
            let (refused, served) = (Measurement.median(refused[index]), Measurement.median(served[index]))
            table.add(
                point.description, Show.count(Int(refused.rate)), Show.count(Int(served.rate)),
                "\(Show.decimal(refused.processor)) µs", "\(Show.decimal(served.processor)) µs")
            goals.add(
                "\(point): server CPU of a refused request, to a served one", refused.processor / served.processor,
                atMost: 0.5)
        }
        print(
            """
            ## Refused requests

            Describe, of one daemon without limits and one that serves a request a second and answers 429 to all else; medians of \
            \(rounds) rounds of \(seconds) s.

            \(table.text)

            \(goals.text)
            """)
    }

    private func ask(
        _ daemon: Daemon, _ requests: LoadRequests, _ point: LoadPoint, refuses: Bool
    ) throws -> Measurement {
        let load = try LoadGenerator(
            to: daemon.socket, requests, connections: point.connections, depth: point.depth)
        let before = daemon.process.processorTime
        let result = try load.run(seconds: seconds)
        let time = daemon.process.processorTime - before
        // The few that are within the limit ask for a job that this daemon does not have.
        guard result.errors == (refuses ? result.replies : 0) else {
            throw BenchmarkError("\(result.errors) of \(result.replies) requests were refused")
        }
        return Measurement(result, time)
    }
}
