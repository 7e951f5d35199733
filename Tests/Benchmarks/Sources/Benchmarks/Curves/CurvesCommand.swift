internal import ArgumentParser
internal import Foundation

/// Measures how describe scales with jobs, connections, and requests in flight.
struct CurvesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curves",
        abstract: "Describes more and more jobs, over more and more connections, deeper and deeper.")

    @OptionGroup var options: CommonOptions

    @Option(help: "The largest number of jobs, 10000 or more.")
    var mostJobs = 1_000_000

    @Option(help: "How often each point has its turn.")
    var rounds = 3

    @Option(help: "How long such a turn is.")
    var seconds = 0.8

    @Option(help: "Where to write the plot, as an SVG.")
    var plot: String?

    /// Jobs of the curves that are not about jobs.
    private static let jobs = 10_000

    func validate() throws {
        guard mostJobs >= Self.jobs else { throw ValidationError("it takes \(Self.jobs) jobs at least") }
    }

    func run() async throws {
        DescriptorLimit.raise()
        let counts = [1000, 10_000, 30_000, 100_000, 1_000_000].filter { $0 <= mostJobs }
        try await withDaemons(counts[...], []) { daemons in
            guard let some = daemons.first(where: { $0.ids.count == Self.jobs }) else { return }
            try await Directory.with(in: options.directory) { directory in
                let peers = try Peers(program: options.peers, in: directory, like: some.daemon, some.ids)
                let daemon = peers.jobline(some.daemon)
                let daemons = daemons.map {
                    Peer(kind: .jobline, server: $0.daemon.process, requests: .describe($0.ids))
                }
                try await peers.floor { try report(try measure(daemons, daemon, $0)) }
            }
        }
    }

    /// Runs daemons with so many jobs, all at once.
    private func withDaemons(
        _ counts: ArraySlice<Int>, _ daemons: [(daemon: Daemon, ids: [String])],
        _ body: ([(daemon: Daemon, ids: [String])]) async throws -> Void
    ) async throws {
        guard let count = counts.first else { return try await body(daemons) }
        try await options.withJobs(count) { daemon, ids in
            try await withDaemons(counts.dropFirst(), daemons + [(daemon, ids)], body)
        }
    }

    private func measure(_ daemons: [Peer], _ daemon: Peer, _ floor: Peer) throws -> [Curve] {
        try options.separate((daemons + [floor]).map(\.server))
        for peer in daemons { try peer.warmUp() }
        let connections = [1, 10, 100, 1000, 4000]
        let depths = [1, 2, 4, 8, 16, 32, 64, 128]
        var curves = [
            Curve(
                "jobs",
                daemons.map {
                    .init(size: $0.requests.ranges.count, peer: $0, load: LoadPoint(connections: 50, depth: 1))
                },
                """
                The cache of 20 MiB holds the results of more than 20,000 of these jobs. A miss costs a statement and the encoding \
                of a job: that is the bend. Once nearly all requests miss, only the depth of SQLite's trees and the misses of the \
                system's cache add to the cost.
                """),
            Curve(
                "connections",
                [daemon, floor].flatMap { peer in
                    connections.map { .init(size: $0, peer: peer, load: LoadPoint(connections: $0, depth: 1)) }
                },
                """
                With one connection, each side sleeps while the other works, and is woken for each request. Where the floor falls \
                like the daemon, the cause is the number of sockets: each is read and written for a single request.
                """),
            Curve(
                "requests in flight",
                [daemon, floor].flatMap { peer in
                    depths.map { .init(size: $0, peer: peer, load: LoadPoint(connections: 1, depth: $0)) }
                },
                """
                More requests in one read share its system calls. The curve is steepest where both sides work all the time and \
                neither has to be woken.
                """),
        ]
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            for index in curves.indices { try curves[index].measure(seconds: seconds) }
        }
        return curves
    }

    private func report(_ curves: [Curve]) throws {
        print(
            """
            ## Curves

            Describe of random jobs; medians of \(rounds) rounds of \(seconds) s. Jobs: 50 connections with one request in flight \
            each. Connections: one request in flight each, \(Show.count(Self.jobs)) jobs. Requests in flight: one connection, \
            \(Show.count(Self.jobs)) jobs.

            \(curves.map { "\($0.table)\n\n\($0.explanation)" }.joined(separator: "\n\n"))
            """)
        guard let plot else { return }
        try Plot.svg(curves.map(\.plot)).write(toFile: plot, atomically: true, encoding: .utf8)
        print(
            "\n![Requests a second by jobs, connections and requests in flight](\((plot as NSString).lastPathComponent))"
        )
    }
}
