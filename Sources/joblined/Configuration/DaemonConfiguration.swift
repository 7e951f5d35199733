internal import JoblineEmbedded
internal import JoblineServer
internal import Logging
internal import SystemPackage

/// Everything that can be set on the daemon.
struct DaemonConfiguration: Sendable {
    /// Where the daemon makes its socket, unless one is handed to it.
    var socket = "/run/jobline/jobline.sock"
    /// Permissions of a socket that the daemon makes.
    var socketMode = UnixListener.defaultMode
    /// Number of the group that a socket which the daemon makes belongs to; nil: that of the process.
    var socketGroup: UInt32?
    var logLevel = Logger.Level.info
    var limits = LimitConfiguration()
    /// Who may read and who may write.
    var access = AccessRules()
    /// What goes wrong on purpose.
    var faults: [FaultRule] = []
    var server = ServerConfiguration()
    /// True if there is a file, and no key in it.
    var setsNothing = false
    /// Names of variables in the environment that look like settings and are none.
    var unknownVariables: [String] = []
    var embedded = EmbeddedConfiguration(stateDirectory: "/var/lib/jobline")
}
