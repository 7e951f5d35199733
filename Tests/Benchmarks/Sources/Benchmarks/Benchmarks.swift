internal import ArgumentParser

/// Benchmarks of jobline, measured from outside: each has its own daemon and sends requests over its socket.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks", abstract: "Measures a release build of joblined from outside.",
        discussion: "Results go to standard output as Markdown, progress to standard error.",
        subcommands: [
            MachineCommand.self, DescribeCommand.self, CurvesCommand.self, ListCommand.self, RefusedCommand.self,
            MemoryCommand.self, StartupCommand.self, ScaleCommand.self, StartsCommand.self, CrowdCommand.self,
            WatchesCommand.self, ConnectionsCommand.self, ClientCommand.self,
        ])
}

/// Options of every benchmark.
struct CommonOptions: ParsableArguments {
    @Option(help: "The daemon to measure.")
    var daemon = Project.root + "/.build/release/joblined"

    @Option(help: "The servers to compare it with.")
    var peers = Project.root + "/Tests/Benchmarks/.build/release/Peers"

    @Option(help: "Where state directories are made, on the disk to measure with; nothing is left there.")
    var directory = "/var/tmp"

    @Flag(help: "Leaves it to the kernel which processor does what.")
    var anywhere = false

    /// Gives servers and load processors of their own, unless the kernel is to choose.
    func separate(_ servers: [ServerProcess]) throws {
        if !anywhere { try Processors.separate(servers) }
    }

    /// Runs a daemon that has so many jobs, which have ended.
    ///
    /// - Parameter body: Is given the ids of the jobs, too.
    func withJobs<Value: Sendable>(
        _ count: Int, limits: String = Daemon.noLimits, _ body: (Daemon, [String]) async throws -> Value
    ) async throws -> Value {
        try await Directory.with(in: directory) { directory in
            let ids = try await ScaleStore.make(count, in: directory, daemon: daemon, ids: count)
            return try await Daemon.with(daemon, in: directory, executor: ScaleStore.executor, limits: limits) {
                try await body($0, ids)
            }
        }
    }

    /// Runs a daemon whose one executor never ends, so that the jobs behind it pile up.
    func withDaemon(_ body: (Daemon) async throws -> Void) async throws {
        try await Directory.with(in: directory) { directory in
            try await Daemon.with(daemon, in: directory, executor: ["/bin/sleep", "86400"], body)
        }
    }
}

/// Paths in the checkout.
enum Project {
    /// The root of the checkout.
    static let root = String(#filePath.dropLast("/Tests/Benchmarks/Sources/Benchmarks/Benchmarks.swift".count))
}

/// Reason for which a benchmark failed.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
