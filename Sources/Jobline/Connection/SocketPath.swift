internal import LibC

/// Default path of the daemon's socket.
enum SocketPath {
    /// Path in the systemd unit `jobline.socket`.
    static let standard = "/run/jobline/jobline.sock"
    /// Name of the environment variable that overrides the standard path.
    static let environmentVariable = "JOBLINE_SOCKET"

    /// Returns the path from the environment if it is set and not empty, otherwise the standard path.
    static func resolve() -> String {
        guard let value = getenv(environmentVariable) else { return standard }
        let path = String(cString: value)
        return path.isEmpty ? standard : path
    }
}
