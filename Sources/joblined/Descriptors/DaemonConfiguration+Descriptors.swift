internal import JoblineEmbedded
internal import JoblineServer

extension DaemonConfiguration {
    /// Descriptors for database, log, event loops and libraries.
    private static let baseDescriptors = 64
    /// Descriptors for a running job: pipes, and the folders that it reads and writes.
    private static let descriptorsPerJob = 16

    /// Returns the configuration of the server, with the number of connections reduced to the available descriptors.
    func server(within limit: DescriptorLimit?) -> ServerConfiguration {
        var server = server
        guard let limit else { return server }
        let jobs = embedded.executors.values.reduce(0) { $0 + $1.concurrency }
        server.descriptors = limit.current
        server.reservedDescriptors = Self.baseDescriptors + jobs * Self.descriptorsPerJob
        return server
    }
}
