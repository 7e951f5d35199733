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
    /// Who may read and who may write.
    var access = AccessRules()
    /// What goes wrong on purpose.
    var faults: [FaultRule] = []
    var server = ServerConfiguration()
    /// True if there is a file, and no key in it.
    var setsNothing = false
    var embedded = EmbeddedConfiguration(stateDirectory: "/var/lib/jobline")
}
