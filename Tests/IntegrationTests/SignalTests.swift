import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A daemon that is told to end ends, and says that it did, at whatever point of its start that is.
@Suite("Signals", .timeLimit(.minutes(2)))
struct SignalTests {
    private func arguments(_ directory: TestDirectory) throws -> [String] {
        mkdir(directory.appending("state"), 0o700)
        return [
            try Project.program("joblined"), "--socket", directory.appending("s"), "--state-directory",
            directory.appending("state"),
        ]
    }

    /// Waits until a process has come to its own program, from whose first line on a signal is its own. Before that the loader runs, and
    /// it is the kernel's alone.
    private func main(of process: pid_t, _ signal: CInt) async throws {
        while try !ProcessTable.holdsBack(signal, process), try ProcessTable.threads(of: process) < 2 {
            await Task.yield()
        }
    }

    @Test(
        "SIGTERM and SIGINT at any instant of the start end it with status 0, and leave no socket",
        arguments: [SIGTERM, SIGINT])
    func anyInstant(signal: CInt) async throws {
        try await TestDirectory.with { directory in
            let command = try arguments(directory)
            for milliseconds in stride(from: 0, through: 60, by: 2) {
                let result = try await run(
                    .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())), input: .none,
                    output: .discarded, error: .string(limit: 1 << 20)
                ) { execution in
                    let process = execution.processIdentifier.value
                    try await main(of: process, signal)
                    // Any duration works: each round kills at another instant.
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    kill(process, signal)
                }
                #expect(result.terminationStatus == .exited(0), "\(milliseconds) ms")
                #expect(access(directory.appending("s"), F_OK) != 0, "\(milliseconds) ms")
            }
        }
    }

    @Test("Signals work for process 1 of a container", .enabled { await SmallDisk.isPermitted() })
    func processOne() async throws {
        try await TestDirectory.with { directory in
            let command = ["--user", "--map-root-user", "--pid", "--fork"] + (try arguments(directory))
            for milliseconds in stride(from: 0, through: 60, by: 6) {
                let result = try await run(
                    .name("unshare"), arguments: Arguments(command), input: .none, output: .discarded,
                    error: .string(limit: 1 << 20)
                ) { execution in
                    var child: pid_t?
                    while child == nil {
                        child = try ProcessTable.children(of: execution.processIdentifier.value).first
                        await Task.yield()
                    }
                    let daemon = try #require(child)
                    while try ProcessTable.command(daemon) != "joblined" { await Task.yield() }
                    try await main(of: daemon, SIGTERM)
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    kill(daemon, SIGTERM)
                }
                #expect(result.terminationStatus == .exited(0), "\(milliseconds) ms")
                #expect(access(directory.appending("s"), F_OK) != 0, "\(milliseconds) ms")
            }
        }
    }

    @Test("Executors can be ended by signals")
    func executors() async throws {
        try await TestDirectory.with { directory in
            let seen = directory.appending("seen")
            let executor = try directory.write(
                "#!/bin/sh\ngrep '^SigBlk' /proc/self/status > '\(seen)'\n", to: "executor", mode: 0o755)
            try directory.write("a note", to: "state/buckets/notes/note.txt")
            try await DaemonProcess.with(
                in: directory, settings: "executors: {rxNormInference: {command: [\"\(executor)\"]}}"
            ) { daemon in
                try await daemon.client { client in
                    let id = try await CrashTests.start(client, token: "token")
                    _ = try await CrashTests.ended(client, id)
                }
            }
            let zeros = String(repeating: "0", count: 16)
            #expect(try directory.read("seen") == "SigBlk:\t\(zeros)\n")
        }
    }
}
