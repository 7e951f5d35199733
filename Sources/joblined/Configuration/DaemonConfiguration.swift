internal import JoblineEmbedded
internal import JoblineServer
internal import Logging
internal import SystemPackage

/// Everything that can be set on the daemon.
struct DaemonConfiguration: Sendable {
    /// Where the daemon makes its socket, unless one is handed to it.
    var socket = "/run/jobline/jobline.sock"
    var logLevel = Logger.Level.info
    var limits = LimitConfiguration()
    /// What goes wrong on purpose.
    var faults: [FaultRule] = []
    var server = ServerConfiguration()
    var embedded = EmbeddedConfiguration(stateDirectory: "/var/lib/jobline")
}
