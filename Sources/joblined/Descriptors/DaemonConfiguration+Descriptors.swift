internal import JoblineEmbedded
internal import JoblineServer

extension DaemonConfiguration {
    /// Descriptors for all but connections and executors: the database, the log, the event loops, and the libraries.
    private static let baseDescriptors = 64
    /// Descriptors of one running job: its pipes, and the folders that are read and written for it.
    private static let descriptorsPerJob = 16

    /// The configuration of the server, with as many connections as the limit on descriptors leaves room for.
    func server(within limit: DescriptorLimit?) -> ServerConfiguration {
        var server = server
        guard let limit else { return server }
        let jobs = embedded.executors.values.reduce(0) { $0 + $1.concurrency }
        server.descriptors = limit.inForce
        server.reservedDescriptors = Self.baseDescriptors + jobs * Self.descriptorsPerJob
        return server
    }
}
