internal import JoblineEmbedded
internal import JoblineServer
internal import Logging

/// Everything that can be set on the daemon.
struct DaemonConfiguration: Sendable {
    /// Where the daemon makes its socket, unless one is handed to it.
    var socket = "/run/jobline/jobline.sock"
    /// Where jobs, buckets and the database are kept.
    var stateDirectory = "/var/lib/jobline"
    var logLevel = Logger.Level.info
    /// The region that stands in the names of jobs and workflows.
    var region = "us-east-1"
    /// The account, 12 digits, that stands in them.
    var account = "000000000000"
    var limits = LimitConfiguration()
    var server = ServerConfiguration()
    /// The programs that run the jobs, by family.
    var executors: [JobFamily: ExecutorConfiguration] = [:]
}
