package import JoblineBackend
internal import JoblineProtocol

/// Configuration of a server. The defaults are those of the wire contract.
package struct ServerConfiguration: Sendable, Hashable {
    /// Maximum body of a framed request, in bytes.
    package var requestBytes = 1 << 20
    /// Maximum size of a request on one line, in bytes.
    package var bareRequestBytes = 64 << 10
    /// Maximum size of a reply, in bytes. A list returns fewer elements to stay within it; error 413 replaces any other result.
    package var replyBytes = 4 << 20
    /// Maximum number of requests in flight on one connection.
    package var inFlight = 256
    /// Maximum number of jobs in all watches of one connection. Watches do not count as requests in flight.
    package var watchedJobs = 10_000
    /// Maximum size of the parameters of all requests in flight on one connection, in bytes.
    package var inFlightBytes = 4 << 20
    /// Maximum memory of the connections of one user, in bytes: unfinished frames, requests in flight, unsent replies. The
    /// connection that exceeds it is closed. Up to ``BufferBudget/grain`` of each connection are not counted.
    package var userBytes = 32 << 20
    /// Concurrency limits of the backends, on each thread. Requests over a limit wait for a slot.
    package var backendLimits = [ConcurrencyLimits()]
    /// Backend of each service, as an index into ``backendLimits``.
    package var routes = BackendRoutes.single
    /// Maximum number of concurrent requests to the daemon itself, on each thread, and as many to methods of the protocol.
    package var othersAtOnce = 4
    /// Timeout of a request that has none.
    package var defaultTimeout = Duration.seconds(60)
    /// Maximum timeout of a request. Longer ones are reduced to it.
    package var maximumTimeout = Duration.seconds(300)
    /// Unsent bytes of one connection above which it is not read.
    package var softOutputBytes = 1 << 20
    /// Unsent bytes of one connection above which it is closed.
    package var hardOutputBytes = 8 << 20
    /// Maximum time over the soft output cap, and to read the last replies.
    package var slowConsumerTimeout = Duration.seconds(10)
    /// Maximum time from the first byte of a frame to its last.
    package var frameTimeout = Duration.seconds(10)
    /// Maximum number of open connections. One more gets an error and is closed.
    package var connections = 4096
    /// Maximum number of open connections of one user, at most ``largestShare(of:)``.
    package var connectionsPerUser = 256
    /// Maximum number of descriptors of the process; unlimited by default.
    package var descriptors = Int.max
    /// Descriptors that are reserved for everything but connections.
    package var reservedDescriptors = 0
    /// Requests that one connection can start before others get their turn.
    package var requestsPerTurn = 32
    /// Maximum time that a drain waits for requests in flight.
    package var drainTimeout = Duration.seconds(20)
    /// Length of the kernel's queue of clients that are not accepted yet; the kernel limits it to `net.core.somaxconn`.
    package var backlog: Int32 = 4096
    /// Number of event loop threads, if the server creates its own. One thread is faster than the callers; a second one makes
    /// each request slower, because shared data moves between processors.
    package var threads = 1

    /// Version of the product for `rpc.hello`.
    package var version = "unknown"
    /// Optional features of the contract for `rpc.hello`.
    package var features: [String] = []
    /// Name of the backend of each service for `rpc.hello`.
    package var backends: [String: String] = [:]

    package init() {}
}

extension ServerConfiguration {
    /// Validates the numbers.
    ///
    /// - Throws: For the first one out of range, naming it and the range.
    package func validate() throws(ServerError) {
        try Self.check(requestBytes, in: 64...Self.largestBody, "requestBytes")
        try Self.check(bareRequestBytes, in: 64...Self.largestBody, "bareRequestBytes")
        try Self.check(replyBytes, in: 1024...Self.largestBody, "replyBytes")
        try Self.check(inFlight, in: 1...65_536, "inFlight")
        try Self.check(watchedJobs, in: 1...1_000_000, "watchedJobs")
        try Self.check(inFlightBytes, in: 64...Int.max, "inFlightBytes")
        try Self.check(userBytes, in: BufferBudget.grain...Int.max, "userBytes")
        for limits in backendLimits {
            for requestClass in RequestClass.allCases {
                try Self.check(limits[requestClass], in: 1...65_536, "concurrency limit of \(requestClass) requests")
            }
        }
        try Self.check(othersAtOnce, in: 1...65_536, "othersAtOnce")
        try Self.check(softOutputBytes, in: 1024...Int.max, "softOutputBytes")
        try Self.check(hardOutputBytes, in: softOutputBytes...Int.max, "hardOutputBytes")
        try Self.check(connections, in: 1...Self.largestConnections, "connections")
        let share = Self.largestShare(of: connections)
        guard (1...share).contains(connectionsPerUser) else {
            throw ServerError(
                .configuration,
                "connectionsPerUser is \(connectionsPerUser); 1 to \(share), three quarters of connections, is expected"
            )
        }
        try Self.check(descriptors, in: 1...Int.max, "descriptors")
        try Self.check(reservedDescriptors, in: 0...1 << 20, "reservedDescriptors")
        try Self.check(requestsPerTurn, in: 1...65_536, "requestsPerTurn")
        try Self.check(Int(backlog), in: 1...Int(Int32.max), "backlog")
        try Self.check(threads, in: 1...256, "threads")
        try Self.check(defaultTimeout, "defaultTimeout")
        try Self.check(maximumTimeout, "maximumTimeout")
        try Self.check(slowConsumerTimeout, "slowConsumerTimeout")
        try Self.check(frameTimeout, "frameTimeout")
        try Self.check(drainTimeout, "drainTimeout")
    }

    /// Maximum of ``connections``.
    package static let largestConnections = 1_000_000

    /// Returns the maximum number of connections of one user, so that some are always left for others.
    package static func largestShare(of connections: Int) -> Int { max(1, connections * 3 / 4) }

    /// Maximum length of a frame, which has seven digits.
    private static let largestBody = 9_999_999

    private static func check(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(ServerError) {
        guard range.contains(value) else {
            throw ServerError(
                .configuration, "\(name) is \(value); \(range.lowerBound) to \(range.upperBound) is expected")
        }
    }

    private static func check(_ value: Duration, _ name: String) throws(ServerError) {
        guard value > .zero, value <= .seconds(86_400) else {
            throw ServerError(.configuration, "\(name) is \(value); more than zero and at most a day is expected")
        }
    }
}

extension ServerConfiguration {
    var frameLimits: FrameDecoder.Limits { .init(framed: requestBytes, bare: bareRequestBytes) }

    var connectionLimits: ConnectionStateMachine.Limits {
        .init(
            inFlight: inFlight, inFlightBytes: inFlightBytes, watchedJobs: watchedJobs,
            defaultTimeout: defaultTimeout, maximumTimeout: maximumTimeout, softOutputBytes: softOutputBytes,
            hardOutputBytes: hardOutputBytes)
    }

    var slotLimits: SlotLimits {
        SlotLimits(backends: backendLimits, routes: routes, others: othersAtOnce)
    }
}
