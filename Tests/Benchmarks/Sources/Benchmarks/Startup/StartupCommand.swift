internal import ArgumentParser
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// Measures the wait of the first caller, whose connection starts the daemon.
struct StartupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "startup", abstract: "Starts the daemon by a connection, as systemd does.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that there are.")
    var jobs = 100_000

    @Option(help: "How often it is started.")
    var rounds = 15

    func run() async throws {
        try await Directory.with(in: options.directory) { directory in
            // Same options as the installed unit.
            let program = directory.appending("joblined")
            _ = try await Subprocess.run(
                .name("strip"), arguments: ["-o", program, options.daemon], output: .discarded, error: .discarded)
            guard let size = try FileManager.default.attributesOfItem(atPath: program)[.size] as? Int else {
                throw BenchmarkError("\(options.daemon) cannot be stripped")
            }
            let ids = try await ScaleStore.make(jobs, in: directory, daemon: program, ids: 100)
            var samples = Samples()
            for round in 1...rounds {
                note("start \(round) of \(rounds)")
                samples.add(try await start(program, round, in: directory, ids))
            }
            report(samples, size)
        }
    }

    /// - Returns: Nanoseconds from connecting to the first answer.
    private func start(_ program: String, _ round: Int, in directory: Directory, _ ids: [String]) async throws -> UInt64
    {
        // Creates the socket, and executes the daemon at the first connection.
        let socket = directory.appending("socket-\(round)")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let arguments = try Daemon.prepare(directory, executor: ScaleStore.executor)
        return try await ServerProcess.with(
            "/usr/bin/systemd-socket-activate",
            ["--listen=\(socket)", "--fdname=jobline", "-E", "PATH=\(path)", program] + arguments, socket: socket,
            log: directory.appending("log"), listens: FileManager.default.fileExists
        ) { _ in
            let request = ScaleStore.describe(ids.randomElement() ?? "")
            while true {
                let start = Stopwatch.now()
                // The socket exists slightly before it accepts connections.
                guard let connection = try? Connection(to: socket) else { continue }
                defer { connection.close() }
                try connection.ask(request)
                return Stopwatch.now() - start
            }
        }
    }

    private func report(_ samples: Samples, _ size: Int) {
        var goals = Goals()
        goals.add("from connect to the first answer, ms", Double(samples.median) / 1e6, atMost: 30)
        goals.add("binary, stripped, MB", Double(size) / 1e6, atMost: 75)
        print(
            """
            ## Start-up

            A connection starts a daemon with \(Show.count(jobs)) jobs and describes one of them; median of \(rounds) starts, maximum \
            \(Show.microseconds(samples.longest)).

            \(goals.text)
            """)
    }
}
