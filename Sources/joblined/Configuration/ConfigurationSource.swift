/// Where the configuration comes from; read at the start, and again at each reload.
struct ConfigurationSource: Sendable {
    /// Values from the command line, by key.
    let flags: [String: String]
    /// The process's environment.
    let environment: [String: String]
    /// The configuration file; nil where none is given.
    let path: String?

    /// Reads it as it is now.
    ///
    /// - Throws: For the first key of the file that is unknown, or whose value does not fit, naming it.
    func read() async throws(DaemonError) -> DaemonConfiguration {
        try await DaemonConfiguration(flags: flags, environment: environment, path: path)
    }
}
