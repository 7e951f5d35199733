internal import ArgumentParser
internal import Jobline
internal import Logging

/// Options of all commands that call the daemon.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Socket of joblined; JOBLINE_SOCKET or the standard path by default.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp("Timeout; 30 by default, none for wait and watch.", valueName: "seconds")
    )
    var timeout: Double?

    @Flag(help: "Log connections, waits and retries to standard error.")
    var verbose = false

    /// Maximum of `--timeout` in seconds: 1 week.
    private static let maximumTimeout = 604_800.0

    func validate() throws {
        guard let timeout, !(timeout > 0 && timeout <= Self.maximumTimeout) else { return }
        throw ValidationError("--timeout must be more than 0 and at most \(Int(Self.maximumTimeout)) seconds")
    }

    /// Value of `--timeout`.
    var callTimeout: Duration? { timeout.map { .seconds($0) } }

    /// Calls `body` with a client, and closes the client afterwards.
    ///
    /// - Parameters:
    ///   - waitsForDaemon: Whether to wait while the daemon is temporarily unavailable.
    ///   - body: Makes the calls.
    func withClient(
        waitsForDaemon: Bool = false, _ body: (JoblineClient) async throws -> Void
    ) async throws {
        let configuration = JoblineClient.Configuration(
            socketPath: socket, name: "joblinectl/\(ProductVersion.current)", timeout: callTimeout ?? .seconds(30),
            waitsForDaemon: waitsForDaemon, logger: logger)
        try await JoblineClient.withClient(configuration: configuration, body)
    }

    private var logger: Logger {
        let handler: any LogHandler
        if verbose { handler = NoteLogHandler() } else { handler = SwiftLogNoOpLogHandler() }
        return Logger(label: "joblinectl") { _ in handler }
    }
}
