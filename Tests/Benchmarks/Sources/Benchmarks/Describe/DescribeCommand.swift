internal import ArgumentParser

/// Measures describe beside a canned server over the same sockets, and beside the alternatives.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Compares describe with canned frames, with Redis, with JSON over HTTP and with gRPC.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that are asked for, any of them at a time.")
    var jobs = 10_000

    @Option(help: "How often each server has its turn at each load.")
    var rounds = 5

    @Option(help: "How long such a turn is.")
    var seconds = 1.5

    static let points = [
        LoadPoint(connections: 1, depth: 1), LoadPoint(connections: 1, depth: 32),
        LoadPoint(connections: 50, depth: 1), LoadPoint(connections: 50, depth: 8),
    ]

    func run() async throws {
        try await options.withJobs(jobs) { daemon, ids in
            try await Directory.with(in: options.directory) { directory in
                let peers = try Peers(program: options.peers, in: directory, like: daemon, ids)
                let answerBytes = peers.answerBytes
                let jobline = peers.jobline(daemon)
                try await peers.with { report(try measure([jobline] + $0), answerBytes) }
            }
        }
    }

    private func measure(_ peers: [Peer]) throws -> DescribeResults {
        // These also use threads other than the event loop's, which the kernel places.
        try options.separate(peers.filter { ![.http, .grpc].contains($0.kind) }.map(\.server))
        for peer in peers { try peer.warmUp() }
        var results = DescribeResults()
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            for point in Self.points {
                // Interleaved and shuffled, so that noise of the machine affects all alike.
                for peer in peers.shuffled() {
                    let load = try LoadGenerator(
                        to: peer.server.socket, peer.requests, connections: point.connections, depth: point.depth)
                    results.add(try Measurement(load, of: peer.server, seconds: seconds), of: peer.kind, at: point)
                }
            }
        }
        return results
    }

    private func report(_ results: DescribeResults, _ answerBytes: Int) {
        print(
            """
            ## Describe

            \(Show.count(jobs)) jobs, whose answers have \(answerBytes) bytes, any of them at a time, over one Unix socket each and with \
            one thread for the network. Requests a second, with p50 / p99; medians of \(rounds) rounds of \(seconds) s, in which the \
            servers take turns in any order. The columns say connections × requests in flight on each.

            \(results.table)

            \(results.limits)

            \(results.goals)
            """)
    }
}
