package import Jobline
internal import Glibc
package import Subprocess
internal import SystemPackage

/// A real joblined in a process of its own, and the means to treat it badly.
package struct DaemonProcess: Sendable {
    package let directory: TestDirectory
    package let notifications: NotifySocket
    private let identifier: ProcessIdentifier

    /// Its number in the process table.
    package var pid: Int32 { identifier.value }
    /// Path of its socket.
    package var socket: String { directory.appending("jobline.sock") }
    /// Its state directory.
    package var state: String { directory.appending("state") }

    /// A daemon's end.
    package struct End: Sendable {
        package let status: TerminationStatus
        /// All that it wrote to standard error.
        package let log: String
    }

    /// Starts a daemon on the directory, waits until it is ready, gives it to `body`, and ends it.
    ///
    /// - Parameters:
    ///   - directory: Holds its socket, its state and its log; a second daemon on it finds what the first one left.
    ///   - settings: The content of its configuration file.
    ///   - logLevel: A flag, which wins over the file; nil: none.
    ///   - environment: Variables beside those of the tests.
    ///   - launcher: A command line that becomes the daemon's.
    ///   - held: What the daemon is to serve instead of a socket of its own.
    ///   - body: What to do while it runs.
    /// - Throws: What `body` throws, and the line of the log that holds a ``Secret``.
    /// - Returns: What `body` returned, and how the daemon ended after it: by SIGTERM unless `body` ended it itself.
    @discardableResult
    package static func with<Value: Sendable>(
        in directory: TestDirectory, settings: String = "", logLevel: String? = "trace",
        environment: [String: String] = [:],
        launcher: [String] = [], held: HeldSocket? = nil, _ body: (DaemonProcess) async throws -> Value
    ) async throws -> (value: Value, end: End) {
        let configuration = try directory.write(settings, to: "joblined.yaml")
        let notifications = try NotifySocket(path: directory.appending("notify"))
        defer {
            notifications.close()
            unlink(notifications.path)
        }
        mkdir(directory.appending("state"), 0o700)
        let log = try FileDescriptor.open(
            FilePath(directory.appending("log")), .writeOnly, options: [.create, .truncate],
            permissions: .ownerReadWrite)
        let input = try held.map { FileDescriptor(rawValue: $0.descriptor) } ?? .open("/dev/null", .readOnly)
        let command =
            launcher + (held == nil ? [] : HeldSocket.launcher) + [
                try Project.program("joblined"), "--socket", directory.appending("jobline.sock"), "--state-directory",
                directory.appending("state"), "--config", configuration,
            ] + (logLevel.map { ["--log-level", $0] } ?? [])
        let result = try await run(
            command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit(adding: environment.merging(["NOTIFY_SOCKET": notifications.path]) { $1 }),
            input: .fileDescriptor(input, closeAfterSpawningProcess: held == nil),
            output: .discarded,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            let daemon = DaemonProcess(
                directory: directory, notifications: notifications, identifier: execution.processIdentifier)
            // The process must not outlive the test.
            defer { daemon.send(.terminate) }
            try await notifications.waitFor("READY=1")
            return try await body(daemon)
        }
        let text = try directory.read("log")
        try Secret.search(text)
        return (result.closureResult, End(status: result.terminationStatus, log: text))
    }

    /// A client of this daemon, closed afterwards.
    @discardableResult
    package func client<Value>(
        _ body: (JoblineClient) async throws -> Value
    ) async throws -> Value {
        var configuration = JoblineClient.Configuration()
        configuration.socketPath = socket
        // The daemon runs; a call that does not reach it has to fail.
        configuration.waitsForDaemon = false
        let client = JoblineClient(configuration: configuration)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    /// Sends a signal; one that is gone already needs none.
    package func send(_ signal: Signal) { kill(identifier.value, signal.rawValue) }
}
