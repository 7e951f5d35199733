internal import ArgumentParser
internal import Glibc

/// Measures the daemon's memory, idle and under load.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Measures the memory of a daemon that is idle, crowded and under load.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that there are.")
    var jobs = 100_000

    @Option(help: "Connections that are open and ask nothing.")
    var idle = 4000

    @Option(help: "How long each load is.")
    var seconds = 3.0

    /// Something to do to a daemon that was started for it.
    private struct Load {
        let name: String
        let point: LoadPoint
        let requests: LoadRequests
    }

    private struct Memory {
        let name: String
        let resident: Int
        let peak: Int
    }

    func run() async throws {
        DescriptorLimit.raise()
        try await Directory.with(in: options.directory) { directory in
            let ids = try await ScaleStore.make(jobs, in: directory, daemon: options.daemon, ids: jobs)
            // A new daemon for each line, without memory of earlier loads. No started job ends.
            func daemon<Value: Sendable>(_ body: (ServerProcess) throws -> Value) async throws -> Value {
                try await Daemon.with(options.daemon, in: directory, executor: ["/bin/sleep", "86400"]) {
                    try body($0.process)
                }
            }
            var memories: [Memory] = []
            memories.append(try await daemon { try afterOneRequest($0, ids) })
            note("opening \(idle) connections")
            let (crowd, perConnection) = try await daemon { try crowded($0) }
            memories.append(crowd)
            for load in loads(ids) {
                note(load.name)
                memories.append(try await daemon { try under(load, $0) })
            }
            report(memories, perConnection)
        }
    }

    private func loads(_ ids: [String]) -> [Load] {
        let start = LoadRequests.frames(Daemon.startMethod, [Daemon.start(token: LoadRequests.number)])
        let lists = LoadRequests.list([#"{"MaxResults":100}"#, #"{"MaxResults":500}"#])
        return [
            Load(name: "describe", point: LoadPoint(connections: 50, depth: 8), requests: .describe(ids)),
            Load(name: "list of 100 and 500", point: LoadPoint(connections: 50, depth: 1), requests: lists),
            Load(name: "start", point: LoadPoint(connections: 64, depth: 1), requests: start),
        ]
    }

    private static let idleSeconds: UInt32 = 5

    private func afterOneRequest(_ server: ServerProcess, _ ids: [String]) throws -> Memory {
        let connection = try Connection(to: server.socket)
        defer { connection.close() }
        try connection.ask(ScaleStore.describe(ids[0]))
        // The daemon releases memory that only the start needed.
        sleep(Self.idleSeconds)
        return memory("idle, \(Self.idleSeconds) s after one request", server)
    }

    /// - Returns: Also the bytes of one connection.
    private func crowded(_ server: ServerProcess) throws -> (Memory, Int) {
        let ping = LoadRequests.frames("rpc.ping", ["{}"])
        // Allocate everything else before connections are counted.
        _ = try LoadGenerator(to: server.socket, ping, connections: 1, depth: 1).run(seconds: 1)
        let before = server.residentBytes
        let crowd = try LoadGenerator(to: server.socket, ping, connections: idle, depth: 1)
        _ = try crowd.run(seconds: 60, most: idle)
        return withExtendedLifetime(crowd) {
            let memory = memory("\(Show.count(idle)) idle connections", server)
            return (memory, (memory.resident - before) / max(idle, 1))
        }
    }

    private func under(_ load: Load, _ server: ServerProcess) throws -> Memory {
        _ = try LoadGenerator(
            to: server.socket, load.requests, connections: load.point.connections, depth: load.point.depth
        ).run(seconds: seconds)
        return memory("\(load.name), \(load.point)", server)
    }

    private func memory(_ name: String, _ server: ServerProcess) -> Memory {
        Memory(name: name, resident: server.residentBytes, peak: server.peakResidentBytes)
    }

    private func report(_ memories: [Memory], _ perConnection: Int) {
        var table = Table("daemon with \(Show.count(jobs)) jobs", "resident", "most")
        for memory in memories { table.add(memory.name, Self.show(memory.resident), Self.show(memory.peak)) }
        var goals = Goals()
        goals.add("idle: resident, MB", Self.megabytes(memories[0].resident), atMost: 25)
        goals.add("an idle connection, KB", Double(perConnection) / 1024, atMost: 20)
        goals.add(
            "the most under any of the loads, MB", memories.dropFirst(2).map(\.peak).max().map(Self.megabytes),
            atMost: 64)
        print(
            """
            ## Memory

            Resident memory, code and libraries included, of a daemon that was restarted for each line; each load lasts \(seconds) s.

            \(table.text)

            \(goals.text)
            """)
    }

    private static func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }
    private static func show(_ bytes: Int) -> String { "\(Show.decimal(megabytes(bytes))) MB" }
}
