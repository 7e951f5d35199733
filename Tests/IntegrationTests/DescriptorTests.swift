import Glibc
import Jobline
import TestSupport
import Testing

/// What the daemon does about descriptors that it is started with and did not ask for.
@Suite("Inherited descriptors", .timeLimit(.minutes(1)))
struct DescriptorTests {
    /// Where the descriptors of a process lead to.
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
                // Nobody listens there any more.
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
}
