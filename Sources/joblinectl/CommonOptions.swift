internal import ArgumentParser
internal import Jobline

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where joblined listens; else JOBLINE_SOCKET, else the standard path.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("How long to wait at most; 30 by default.", valueName: "seconds"))
    var timeout: Double?

    @Flag(help: "Print JSON, one document a line, for scripts.")
    var json = false

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
            waitsForDaemon: waitsForDaemon)
        try await JoblineClient.withClient(configuration: configuration, body)
    }
}
