internal import LibC

/// Where the daemon listens, if no one says otherwise.
enum SocketPath {
    /// The path of `jobline.socket`.
    static let standard = "/run/jobline/jobline.sock"
    /// The variable that overrides it.
    static let environmentVariable = "JOBLINE_SOCKET"

    /// The path from the environment, else the standard one.
    static func resolve() -> String {
        guard let value = getenv(environmentVariable) else { return standard }
        let path = String(cString: value)
        return path.isEmpty ? standard : path
    }
}
