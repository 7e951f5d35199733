internal import JoblineEmbedded
internal import JoblineServer
internal import Logging
internal import SystemPackage

/// Configuration of the daemon.
struct DaemonConfiguration: Sendable {
    /// Path of the socket, unless one is inherited.
    var socket = "/run/jobline/jobline.sock"
    /// Permissions of a socket that the daemon creates.
    var socketMode = UnixListener.defaultMode
    /// Group of a socket that the daemon creates; nil for the group of the process.
    var socketGroup: UInt32?
    /// Addresses of the AWS endpoint; none by default.
    var httpAddresses: [HTTPAddress] = []
    /// Path of the AWS endpoint's socket; nil for none.
    var httpSocket: String?
    var logLevel = Logger.Level.info
    var limits = LimitConfiguration()
    /// Users and groups with access.
    var access = AccessRules()
    /// Rules of fault injection.
    var faults: [FaultRule] = []
    var server = ServerConfiguration()
    /// Whether there is a file without any key.
    var setsNothing = false
    /// Environment variables with the prefix of settings, but an unknown name.
    var unknownVariables: [String] = []
    var embedded = EmbeddedConfiguration(stateDirectory: "/var/lib/jobline")

    /// Path of the directory with the daemon's jobs and database.
    var stateDirectory: String { embedded.stateDirectory.string }
}
