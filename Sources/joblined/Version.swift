/// What this build calls itself.
enum Version {
    /// Semantic version of daemon, command line and SDK, which are released together.
    static let product = "0.1.0"
}
