import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests the daemon under a service manager and at a terminal.
@Suite("Life", .timeLimit(.minutes(2)))
struct LifeTests {
    @Test("The daemon notifies readiness and stop, and stops cleanly on SIGTERM")
    func notifications() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                try await daemon.client { try await $0.ping() }
                daemon.send(.terminate)
                let message = try await daemon.notifications.waitFor("STOPPING=1")
                #expect(message.contains { $0.hasPrefix("STATUS=") })
            }
            #expect(end.status == .exited(0), "\(end.log)")
        }
    }

    @Test("After a stop all jobs are in the database, and the write-ahead log is empty")
    func emptyLog() async throws {
        try await TestDirectory.with { directory in
            let log = directory.appending("state/jobline.sqlite-wal")
            let settings = try CrashTests.settings(directory, onRestart: "fail")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                _ = try await daemon.client { try await CrashTests.start($0, token: "kept") }
                #expect(Self.bytes(of: log) > 0)
            }
            #expect(Self.bytes(of: log) == 0)
        }
    }

    /// 0 for a file that is not there.
    private static func bytes(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    @Test("The daemon answers a line and a frame from socat")
    func socat() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let address = "UNIX-CONNECT:" + daemon.socket
                let line = try await Command.run("socat", ["-t30", "-", address], input: "{\"method\":\"rpc.ping\"}\n")
                #expect(line.output == "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}\n")
                let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.ping\"}"
                let frame = try await Command.run(
                    "socat", ["-t30", "-", address], input: "\(body.utf8.count)\n\(body)\n")
                #expect(frame.output == "36\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n")
            }
        }
    }

    @Test("Socket activation starts the daemon on the first connection")
    func activation() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("state"), 0o700)
            try await SocketActivation.with(
                in: directory, arguments: ["--state-directory", directory.appending("state")]
            ) { process in
                #expect(try ProcessTable.command(process.identifier) == "systemd-socket-")
                var configuration = JoblineClient.Configuration()
                configuration.socketPath = process.socket
                let client = JoblineClient(configuration: configuration)
                let info = try await client.sidecar.getInfo()
                await client.close()
                #expect(info.pid == Int(process.identifier))
                #expect(try ProcessTable.command(process.identifier) == "joblined")
            }
            // The socket belongs to its creator.
            #expect(access(directory.appending("jobline.sock"), F_OK) == 0)
        }
    }

    @Test("The daemon feeds the watchdog while it runs")
    func watchdog() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, environment: ["WATCHDOG_USEC": "200000"]) { daemon in
                for _ in 0..<3 { try await daemon.notifications.waitFor("WATCHDOG=1") }
            }
        }
    }

    @Test("A service manager that does not read its notifications does not block the daemon")
    func deafManager() async throws {
        try await TestDirectory.with { directory in
            let notifications = try NotifySocket(path: directory.appending("deaf"), reads: false)
            defer { notifications.close() }
            // A notification each millisecond fills the kernel's queue of about ten messages before the replies.
            let environment = ["NOTIFY_SOCKET": notifications.path, "WATCHDOG_USEC": "3000"]
            mkdir(directory.appending("state"), 0o700)
            let socket = directory.appending("s")
            async let outcome = Command.run(
                Project.program("joblined"), ["--socket", socket, "--state-directory", directory.appending("state")],
                environment: environment)
            let client = JoblineClient(configuration: .init(socketPath: socket))
            var info = try await client.sidecar.getInfo()
            for _ in 0..<200 { info = try await client.sidecar.getInfo() }
            await client.close()
            kill(pid_t(info.pid), SIGTERM)
            #expect(try await outcome.status == .exited(0))
        }
    }
}
