import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests the destination of the daemon's log, and a log that nobody reads.
@Suite("Log output", .timeLimit(.minutes(2)))
struct LogOutputTests {
    /// More lines than the log keeps in memory.
    private func ask(_ daemon: DaemonProcess, calls: Int) async throws {
        try await daemon.client { client in
            for _ in 0..<calls / 50 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<50 { group.addTask { try await client.ping() } }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("The daemon serves and stops although nobody reads its standard error")
    func deafPipe() async throws {
        try await TestDirectory.with { directory in
            let pipe = directory.appending("pipe")
            #expect(mkfifo(pipe, 0o600) == 0)
            // Held open and never read.
            let reader = open(pipe, O_RDWR)
            defer { close(reader) }
            let (_, end) = try await DaemonProcess.with(
                in: directory, launcher: ["sh", "-c", "exec \"$@\" 2>\"$0\"", pipe]
            ) { daemon in
                try await ask(daemon, calls: 5000)
            }
            #expect(end.status == .exited(0))
        }
    }

    /// Becomes the daemon in a place where the journal is what listens in a directory of the test's.
    private static func journalLauncher(_ journal: String) -> [String] {
        let script = """
            mount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal &&
            JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"
            """
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, journal]
    }

    @Test(
        "Under systemd each request is an entry of the journal with fields of its own",
        .enabled { await SmallDisk.isPermitted() })
    func journal() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("journal"), 0o755)
            let journal = try NotifySocket(path: directory.appending("journal/socket"))
            defer { journal.close() }
            let (_, end) = try await DaemonProcess.with(
                in: directory, launcher: Self.journalLauncher(directory.appending("journal"))
            ) { daemon in
                let serving = try await journal.waitFor { $0.hasPrefix("MESSAGE=serving ") }
                #expect(serving.contains("PRIORITY=5") && serving.contains("SYSLOG_IDENTIFIER=joblined"), "\(serving)")
                #expect(serving.contains("CODE_FILE=joblined/Supervision.swift"), "\(serving)")
                #expect(
                    serving.contains { $0.hasPrefix("CODE_LINE=") }
                        && serving.contains { $0.hasPrefix("CODE_FUNC=serving(") })

                let program = try Project.program("joblinectl")
                _ = try await Command.run(program, ["call", "rpc.ping", "--socket", daemon.socket])
                let request = try await journal.waitFor("JOBLINE_METHOD=rpc.ping")
                for field in ["PRIORITY=7", "JOBLINE_CODE=ok", "JOBLINE_CONNECTION=1", "JOBLINE_REQUEST_BYTES=2"] {
                    #expect(request.contains(field), "\(request)")
                }
                #expect(request.contains { $0.hasPrefix("JOBLINE_UID=") })
                let message = request.first { $0.hasPrefix("MESSAGE=request ") }
                #expect(message?.contains(" method=rpc.ping") == true, "\(request)")

                _ = try await Command.run(
                    "socat", ["-t30", "-", "UNIX-CONNECT:" + daemon.socket], input: "{\"method\":\"no\\nsuch\"}\n")
                let unknown = try await journal.waitFor("JOBLINE_CODE=-32601")
                #expect(unknown.contains("JOBLINE_METHOD=unknown"), "\(unknown)")
            }
            #expect(end.status == .exited(0))
            #expect(end.log.isEmpty, "\(end.log)")
        }
    }

    @Test("A start that fails says so in the journal, as an error", .enabled { await SmallDisk.isPermitted() })
    func failedStart() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("journal"), 0o755)
            let journal = try NotifySocket(path: directory.appending("journal/socket"))
            defer { journal.close() }
            let launcher = Self.journalLauncher(directory.appending("journal"))
            let log = directory.appending("log")
            let arguments =
                ["-c", "exec \"$@\" 2>\"$0\"", log] + launcher + [try Project.program("joblined"), "--no-such"]
            let outcome = try await Command.run("sh", arguments)
            #expect(outcome.status == .exited(78))
            let entry = try await journal.next()
            #expect(entry.contains("PRIORITY=2"), "\(entry)")
            #expect(entry.first?.contains("--no-such") == true, "\(entry)")
            #expect(try directory.read("log").isEmpty)
        }
    }

    @Test(
        "The daemon serves and stops although the journal hangs", .enabled { await SmallDisk.isPermitted() })
    func deafJournal() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("journal"), 0o755)
            let journal = try NotifySocket(path: directory.appending("journal/socket"), reads: false)
            defer { journal.close() }
            let (_, end) = try await DaemonProcess.with(
                in: directory, launcher: Self.journalLauncher(directory.appending("journal"))
            ) { daemon in
                try await ask(daemon, calls: 5000)
            }
            #expect(end.status == .exited(0))
        }
    }
}
