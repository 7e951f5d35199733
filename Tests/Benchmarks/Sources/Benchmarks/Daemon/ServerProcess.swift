internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A server that listens on a Unix socket, in a process of its own.
struct ServerProcess: Sendable {
    /// Path of its socket.
    let socket: String
    private let identifier: pid_t

    /// Maximum wait for a server to listen, in units of 10 ms.
    private static let maximumPolls = 6000

    /// Runs a server while `body` runs.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: Have to make it listen at `socket`.
    ///   - log: The path of a file, to which what it says is appended.
    ///   - listens: Whether it listens; by default whether it takes connections.
    static func with<Value: Sendable>(
        _ program: String, _ arguments: [String], socket: String, log: String,
        listens: (String) -> Bool = takesConnections, _ body: (ServerProcess) async throws -> Value
    ) async throws -> Value {
        let output = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        let result = try await run(
            .path(FilePath(program)), arguments: Arguments(arguments), input: .none, output: .discarded,
            error: .fileDescriptor(output, closeAfterSpawningProcess: true)
        ) { execution in
            let server = ServerProcess(socket: socket, identifier: execution.processIdentifier.value)
            defer { kill(server.identifier, SIGTERM) }
            try await server.waitUntil(listens, log)
            return try await body(server)
        }
        return result.closureResult
    }

    private static func takesConnections(_ socket: String) -> Bool {
        guard let connection = try? Connection(to: socket) else { return false }
        connection.close()
        return true
    }

    private func waitUntil(_ listens: (String) -> Bool, _ log: String) async throws {
        for _ in 0..<Self.maximumPolls {
            if listens(socket) { return }
            // Not reaped yet, even if it has ended.
            guard let state = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
                !state.contains(") Z ")
            else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchmarkError("nobody listens at \(socket): \(said)")
    }

    /// Its memory that is not on disk as well, in bytes.
    var anonymousBytes: Int { memory("RssAnon") }

    /// All of its memory, with what it shares with other processes, in bytes.
    var residentBytes: Int { memory("VmRSS") }

    /// The most that this has been.
    var peakResidentBytes: Int { memory("VmHWM") }

    private func memory(_ field: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Its threads, by the kernel's numbers.
    var threads: [CInt] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/task").compactMap { CInt($0) }
        }
    }

    /// Time that it has had a processor for.
    var processorTime: Duration { ProcessorTime.of(identifier) }
}
