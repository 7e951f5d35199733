internal import ArgumentParser
internal import Jobline
internal import Logging

/// What every command takes that asks the daemon.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where joblined listens; else JOBLINE_SOCKET, else the standard path.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp("How long to wait at most; 30 by default, no limit in wait and watch.", valueName: "seconds")
    )
    var timeout: Double?

    @Flag(help: "Tell on standard error when the client connects, waits and tries again.")
    var verbose = false

    /// Longest time that the flag can ask for, in seconds; a week.
    private static let maximumTimeout = 604_800.0

    func validate() throws {
        guard let timeout, !(timeout > 0 && timeout <= Self.maximumTimeout) else { return }
        throw ValidationError("--timeout: more than 0 and at most \(Int(Self.maximumTimeout)) seconds are possible")
    }

    /// The time of `--timeout`.
    var patience: Duration? { timeout.map { .seconds($0) } }

    /// Runs with a client that is closed at the end.
    ///
    /// - Parameters:
    ///   - waitsForDaemon: Whether to outlast a daemon that is not there for a moment.
    ///   - body: Makes the calls.
    func withClient(
        waitsForDaemon: Bool = false, _ body: (JoblineClient) async throws -> Void
    ) async throws {
        let configuration = JoblineClient.Configuration(
            socketPath: socket, name: "joblinectl/\(ProductVersion.current)", timeout: patience ?? .seconds(30),
            waitsForDaemon: waitsForDaemon, logger: logger)
        try await JoblineClient.withClient(configuration: configuration, body)
    }

    private var logger: Logger {
        let handler: any LogHandler
        if verbose { handler = NoteLogHandler() } else { handler = SwiftLogNoOpLogHandler() }
        return Logger(label: "joblinectl") { _ in handler }
    }
}
