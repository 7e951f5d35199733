import Subprocess
import TestSupport
import Testing

/// joblinectl as a person has it before them: on a terminal, with a real daemon.
@Suite("The command line on a terminal", .timeLimit(.minutes(3)))
struct TerminalTests {
    /// Jobs that are 40 % done until there is a file `done`, and jobs that do not end.
    private static func settings(_ directory: TestDirectory) throws -> String {
        let command = try CompleteExecutor.command(
            first: "echo '{\"progress\": 0.4}'; while ! test -e $0; do sleep 0.05; done", directory.appending("done"))
        return """
            executors:
              rxNormInference:
                command: \(command)
              phiDetection: {command: [sleep, "1000"]}
            """
    }

    /// Outcome of a program and its terminal, reported by Terminal/terminal.py.
    private struct End: Sendable {
        var screen: String
        var facts: String

        func has(_ name: String, _ value: String) -> Bool { facts.contains("\"\(name)\": \(value)") }
    }

    /// Runs joblinectl on a terminal and does what `steps` say.
    private func terminal(
        _ size: String, _ steps: [String], _ words: [String], at socket: String
    ) async throws -> End {
        let outcome = try await Command.run(
            "python3",
            [Project.file("Tests/IntegrationTests/Terminal/terminal.py"), size] + steps
                + ["--", try Project.program("joblinectl")] + words,
            environment: ["JOBLINE_SOCKET": socket])
        guard outcome.status == .exited(0) else { throw TestFailure(outcome.error + outcome.output) }
        var lines = outcome.output.split(separator: "\n").map(String.init)
        let facts = lines.popLast() ?? ""
        return End(screen: lines.joined(separator: "\n"), facts: facts)
    }

    /// A daemon with one job, which the name stands for.
    private func withJob(
        of family: String, _ body: @escaping @Sendable (DaemonProcess, String) async throws -> Void
    ) async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) { daemon in
                let started = try await Command.run(
                    try Project.program("joblinectl"),
                    ["start", family, "--input", "s3://notes/", "--output", "s3://out/", "--name", "日本語"],
                    environment: ["JOBLINE_SOCKET": daemon.socket])
                let job = try #require(started.output.split(separator: "\n").first, "\(started.error)")
                try await body(daemon, String(job.drop { $0 != "/" }.dropFirst()))
            }
        }
    }

    @Test("top draws within the screen, follows its size, and restores the terminal at q")
    func top() async throws {
        try await withJob(of: "PHIDetection") { daemon, job in
            let end = try await terminal(
                "80x24",
                ["expect", job, "expect", "running", "show", "resize", "110x12", "expect", "日本語", "send", "q"],
                ["top", "--interval", "0.2"], at: daemon.socket)
            #expect(end.screen.contains("PHIDetection 1/0"))
            #expect(end.screen.contains("STATE      DONE  AGE    FAMILY               JOB"))
            #expect(end.has("status", "0") && end.has("cursor", "true") && end.has("other", "false"), "\(end.facts)")
            #expect(end.has("asBefore", "true") && end.has("unknown", "[]"), "\(end.facts)")
        }
    }

    @Test("top never writes past the last column", arguments: ["80x24", "40x10", "23x5"])
    func columns(size: String) async throws {
        try await withJob(of: "PHIDetection") { daemon, _ in
            let end = try await terminal(
                size, ["expect", "running"], ["top", "--interval", "0.1", "--count", "3"], at: daemon.socket)
            let columns = Int(size.prefix { $0 != "x" }) ?? 0
            #expect((0...columns).contains { end.has("widest", "\($0),") }, "\(end.facts)")
            #expect(end.has("cursor", "true") && end.has("other", "false"), "\(end.facts)")
        }
    }

    @Test(
        "top restores the terminal at every signal that ends it",
        arguments: [("SIGINT", "130"), ("SIGTERM", "143"), ("SIGHUP", "129")])
    func signals(name: String, status: String) async throws {
        try await withJob(of: "PHIDetection") { daemon, _ in
            let end = try await terminal(
                "80x24",
                ["expect", "running", "signal", name], ["top", "--interval", "0.2"], at: daemon.socket)
            #expect(end.has("status", status) && end.has("cursor", "true") && end.has("other", "false"), "\(end.facts)")
            #expect(end.has("asBefore", "true"), "\(end.facts)")
        }
    }

    @Test("top restores the terminal while it is suspended, and takes it back afterwards")
    func stopped() async throws {
        try await withJob(of: "PHIDetection") { daemon, _ in
            let end = try await terminal(
                "80x24",
                [
                    "expect", "running", "signal", "SIGTSTP", "stopped", "signal", "SIGCONT", "expect", "running",
                    "send", "q",
                ],
                ["top", "--interval", "0.2"], at: daemon.socket)
            #expect(end.screen.contains("{\"cursor\": true, \"other\": false, \"asBefore\": true}"), "\(end.screen)")
            #expect(end.has("status", "0") && end.has("cursor", "true") && end.has("other", "false"), "\(end.facts)")
        }
    }

    @Test("top reports a missing daemon, and shows it as soon as it is back")
    func away() async throws {
        try await TestDirectory.with { directory in
            let seen = directory.appending("seen")
            try Samples.install(in: directory)
            let watched = Task {
                try await terminal(
                    "80x24",
                    ["expect", "no socket at", "touch", seen, "expect", "Running/waiting", "send", "q"],
                    ["top", "--interval", "0.1"], at: directory.appending("jobline.sock"))
            }
            while !directory.list("").contains("seen") { try await Task.sleep(for: .milliseconds(20)) }
            let (end, _) = try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) { _ in
                try await watched.value
            }
            #expect(end.has("status", "0"), "\(end.facts)")
        }
    }

    @Test("wait shows a bar while the job goes on, and leaves only the result")
    func wait() async throws {
        try await withJob(of: "RxNormInference") { daemon, job in
            let end = try await terminal(
                "80x24",
                ["expect", " 40%", "show", "touch", daemon.directory.appending("done")],
                ["wait", "RxNormInference", job], at: daemon.socket)
            #expect(end.screen.contains("running   [####"))
            #expect(end.screen.hasSuffix("\nRxNormInference/\(job)  COMPLETED"), "\(end.screen)")
            #expect(end.has("status", "0") && end.has("cursor", "true") && end.has("unknown", "[]"), "\(end.facts)")
        }
    }

    @Test("watch and wait end at Ctrl-C and leave the terminal clean", arguments: ["watch", "wait"])
    func interrupted(command: String) async throws {
        try await withJob(of: "PHIDetection") { daemon, job in
            let end = try await terminal(
                "50x6", ["expect", "running", "send", "\u{3}"], [command, "PHIDetection/\(job)"], at: daemon.socket)
            #expect(end.has("status", "130") && end.has("cursor", "true") && end.has("unknown", "[]"), "\(end.facts)")
            #expect(end.screen.contains("running") == (command == "watch"), "\(end.screen)")
        }
    }
}
