internal import ArgumentParser
internal import Foundation

/// Measures one caller beside thousands of idle connections and a flood, and the memory of a connection.
struct CrowdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crowd", abstract: "Describes jobs beside idle connections and a flooding one.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Connections that are open and ask nothing.")
    var idle = 4000

    @Option(help: "How often each thing has its turn.")
    var rounds = 5

    @Option(help: "Requests of the one caller in each turn.")
    var requests = 2000

    func run() async throws {
        DescriptorLimit.raise()
        try await options.withDaemon { try await measure($0) }
    }

    private struct Neighbour {
        let name: String
        let method: String
        let params: String
    }

    private func measure(_ daemon: Daemon) async throws {
        var id = ""
        for number in 0..<100 { id = try daemon.startJob(token: "\(number)") }
        let neighbours = [
            Neighbour(name: "ping", method: "rpc.ping", params: "{}"),
            Neighbour(
                name: "describe", method: "ComprehendMedical.DescribeRxNormInferenceJob", params: #"{"JobId":"\#(id)"}"#
            ),
            Neighbour(
                name: "list of 100", method: "ComprehendMedical.ListRxNormInferenceJobs", params: #"{"MaxResults":100}"#
            ),
            Neighbour(name: "nonsense", method: "No.Such", params: "{}"),
        ]
        let describe = Request(neighbours[1].method, neighbours[1].params)
        let caller = try Connection(to: daemon.socket)
        for _ in 0..<requests { try caller.ask(describe) }

        let before = daemon.process.anonymousBytes
        note("opening \(idle) connections")
        let crowd = try (0..<idle).map { _ in
            let connection = try Connection(to: daemon.socket)
            try connection.ask(Request("rpc.ping"))
            return connection
        }
        let after = daemon.process.anonymousBytes
        defer { for connection in crowd { connection.close() } }

        var quiet = Latencies()
        var beside = neighbours.map { _ in Latencies() }
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            try ask(caller, describe, &quiet)
            for index in neighbours.indices.shuffled() {
                let flood = Flood(daemon.socket, neighbours[index].method, neighbours[index].params)
                _ = try flood.during { try ask(caller, describe, &beside[index]) }
            }
        }
        print(
            """
            ## A crowd

            \(Show.count(idle)) idle connections: \((after - before) / max(idle, 1) / 1024) KB each \
            (daemon: \(before >> 20) MB before, \(after >> 20) MB after, \(daemon.process.anonymousBytes >> 20) MB at the end). \
            One caller describes a job, \(Show.count(requests * rounds)) times in \(rounds) rounds:

            """)
        var table = Table("beside the idle ones", "p50", "p99", "p99 to quiet", "longest")
        add("nobody", quiet, quiet, to: &table)
        for (neighbour, latencies) in zip(neighbours, beside) {
            add("a flood of \(neighbour.name)", latencies, quiet, to: &table)
        }
        print(table.text)
    }

    private func ask(_ caller: Connection, _ request: Request, _ latencies: inout Latencies) throws {
        for _ in 0..<requests { latencies.record(try Stopwatch.time { try caller.ask(request) }) }
    }

    private func add(
        _ name: String, _ latencies: Latencies, _ quiet: Latencies, to table: inout Table
    ) {
        table.add(
            name, Show.microseconds(latencies.p50),
            Show.microseconds(latencies.p99),
            Show.ratio(latencies.p99, quiet.p99),
            Show.microseconds(latencies.longest))
    }
}
