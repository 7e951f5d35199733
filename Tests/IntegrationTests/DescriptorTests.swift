import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests unexpected descriptors at the start of the daemon.
@Suite("Inherited descriptors", .timeLimit(.minutes(1)))
struct DescriptorTests {
    /// Targets of the descriptors of a process.
    private func targets(of pid: Int) -> [String: String] {
        var targets: [String: String] = [:]
        for number in 0..<256 {
            var bytes = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/\(pid)/fd/\(number)", &bytes, bytes.count)
            guard count > 0 else { continue }
            targets["\(number)"] = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return targets
    }

    @Test("Those that a careless parent left open are closed, and no executor sees them")
    func leaked() async throws {
        try await TestDirectory.with { directory in
            let leak = try directory.write("", to: "leak")
            let executor = try directory.write(
                "#!/bin/sh\nls -l /proc/self/fd > '\(directory.appending("seen"))'\n", to: "executor", mode: 0o755)
            try directory.write("a note", to: "state/buckets/notes/note.txt")
            try await DaemonProcess.with(
                in: directory, settings: "executors: {rxNormInference: {command: [\"\(executor)\"]}}",
                launcher: ["sh", "-c", "exec 3<\"$0\" 9>>\"$0\" && exec \"$@\"", leak]
            ) { daemon in
                try await daemon.client { client in
                    let open = targets(of: try await client.sidecar.getInfo().pid)
                    #expect(!open.values.contains(leak), "\(open)")
                    #expect(!open.isEmpty)
                    let id = try await CrashTests.start(client, token: "token")
                    _ = try await CrashTests.ended(client, id)
                    let seen = try directory.read("seen")
                    #expect(seen.contains("/proc/"))
                    #expect(!seen.contains("/leak"), "\(seen)")
                }
            }
        }
    }

    @Test("A socket of an unknown name is closed and named, and ours is served")
    func unknownName() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("state"), 0o700)
            let stranger = directory.appending("stranger.sock")
            let log = try await SocketActivation.with(
                in: directory, arguments: ["--state-directory", directory.appending("state")],
                others: [(stranger, "stranger")]
            ) { process in
                let client = JoblineClient(configuration: .init(socketPath: process.socket))
                _ = try await client.ping()
                await client.close()
                // No process listens on it.
                let outcome = try await Command.run("socat", ["-u", "OPEN:/dev/null", "UNIX-CONNECT:" + stranger])
                #expect(outcome.error.contains("refused"), "\(outcome.error)")
            }
            let line = log.split(separator: "\n").first { $0.contains("name=stranger") }
            #expect(line?.contains(" warning ") == true, "\(log)")
        }
    }

    @Test("Where standard error is closed, no file takes its place")
    func noStandardError() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, launcher: ["sh", "-c", "exec \"$0\" \"$@\" <&- 2>&-"]) {
                daemon in
                let pid = try await daemon.client { try await $0.sidecar.getInfo().pid }
                let open = targets(of: pid)
                #expect(open["0"] == "/dev/null" && open["2"] == "/dev/null", "\(open)")
            }
        }
    }

    // MARK: How many there are

    /// Opens idle connections.
    private func crowd(_ count: Int, at socket: String) throws -> [CInt] {
        try (0..<count).map { _ in try ByteExchange.connect(to: socket) }
    }

    @Test(
        "With more connections than there are descriptors jobs run, health is told, and an executor has the limit of the start"
    )
    func kept() async throws {
        try await TestDirectory.with { directory in
            let executor = try directory.write(
                "#!/bin/sh\nulimit -Sn > '\(directory.appending("seen"))'\n", to: "executor", mode: 0o755)
            try directory.write("a note", to: "state/buckets/notes/note.txt")
            let settings = """
                connections: {total: 3000, perUser: 2000}
                executors: {rxNormInference: {command: ["\(executor)"]}}
                """
            let (_, end) = try await DaemonProcess.with(
                in: directory, settings: settings, launcher: ["prlimit", "--nofile=64:256"]
            ) { daemon in
                try await daemon.client { client in
                    _ = try await client.ping()
                    let crowd = try crowd(400, at: daemon.socket)
                    defer { for descriptor in crowd { close(descriptor) } }
                    let id = try await CrashTests.start(client, token: "token")
                    _ = try await CrashTests.ended(client, id)
                    #expect(try directory.read("seen") == "64\n")
                    let check = try await client.sidecar.getHealth().checks.first { $0.name == "connections" }
                    #expect(check?.ok == true)
                    #expect(check?.detail?.contains("3000") == true && check?.detail?.contains("RLIMIT_NOFILE") == true)
                    #expect(try ProcessTable.descriptors(of: daemon.pid) < 256)
                }
            }
            #expect(end.status == .exited(0))
            let warning = end.log.split(separator: "\n").first { $0.contains("RLIMIT_NOFILE") }
            #expect(warning?.contains(" warning ") == true && warning?.contains("total=3000") == true, "\(end.log)")
            #expect(!end.log.contains("cannot accept"))
        }
    }

    @Test("Out of descriptors it tries once a second, and serves when there are some again")
    func exhausted() async throws {
        try await TestDirectory.with { directory in
            let began = ContinuousClock.now
            let (elapsed, end) = try await DaemonProcess.with(in: directory) { daemon in
                func limit(_ count: Int) async throws {
                    let outcome = try await Command.run(
                        "prlimit", ["--pid", "\(daemon.pid)", "--nofile=\(count):"])
                    #expect(outcome.status == .exited(0), "\(outcome.error)")
                }
                try await limit(3)
                let client = try ByteExchange.connect(to: daemon.socket)
                defer { close(client) }
                while try directory.read("log").split(separator: "\n").count(where: { $0.contains("cannot accept") })
                    < 2
                {
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await limit(1024)
                try await daemon.client { try await $0.ping() }
                return ContinuousClock.now - began
            }
            #expect(end.status == .exited(0))
            let lines = end.log.split(separator: "\n").filter { $0.contains("cannot accept") }
            // The log drops frequent lines of one place, and counts them.
            #expect(!lines.contains { $0.contains("left-out") })
            #expect(lines.count <= Int(elapsed.components.seconds) + 2)
        }
    }
}
