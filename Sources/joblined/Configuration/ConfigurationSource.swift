/// Source of the configuration, read at the start and at each reload.
struct ConfigurationSource: Sendable {
    /// Values of command-line flags, by key.
    let flags: [String: String]
    /// Environment of the process.
    let environment: [String: String]
    /// Path of the configuration file; nil if there is none.
    let path: String?

    /// Reads the current configuration.
    ///
    /// - Throws: An error that names the first unknown key of the file, or the first invalid value.
    func read() async throws(DaemonError) -> DaemonConfiguration {
        try await DaemonConfiguration(flags: flags, environment: environment, path: path)
    }
}
