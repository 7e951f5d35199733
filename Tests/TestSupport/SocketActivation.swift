internal import Glibc
package import Subprocess
internal import SystemPackage

/// joblined behind systemd-socket-activate, which listens, and becomes the daemon on the first connection.
package struct SocketActivation: Sendable {
    /// Path of its socket.
    package let socket: String
    /// The process, before and after it became the daemon.
    package let identifier: pid_t

    /// Starts to listen, gives the place to `body`, and ends the process.
    ///
    /// - Parameter others: Sockets that are handed over beside the daemon's: paths and names.
    /// - Returns: The daemon's log.
    @discardableResult
    package static func with(
        in directory: TestDirectory, arguments: [String], others: [(path: String, name: String)] = [],
        _ body: (SocketActivation) async throws -> Void
    ) async throws -> String {
        let socket = directory.appending("jobline.sock")
        let log = try FileDescriptor.open(
            FilePath(directory.appending("log")), .writeOnly, options: [.create, .truncate],
            permissions: .ownerReadWrite)
        let sockets = [(path: socket, name: "jobline")] + others
        let names = sockets.map(\.name).joined(separator: ":")
        let all =
            sockets.map { "--listen=" + $0.path } + ["--fdname=" + names, try Project.program("joblined")]
            + ["--log-level", "trace"] + arguments
        _ = try await run(
            .name("systemd-socket-activate"), arguments: Arguments(all), input: .none, output: .discarded,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            let identifier = execution.processIdentifier.value
            defer { kill(identifier, SIGTERM) }
            while access(socket, F_OK) != 0 {
                guard kill(identifier, 0) == 0 else { throw TestFailure(try directory.read("log")) }
                try await Task.sleep(for: .milliseconds(5))
            }
            try await body(SocketActivation(socket: socket, identifier: identifier))
        }
        let text = try directory.read("log")
        try Secret.search(text)
        return text
    }
}
