package import JoblineBackend
internal import JoblineProtocol

/// Everything that can be set on a server; the defaults are the numbers of the wire contract.
package struct ServerConfiguration: Sendable, Hashable {
    /// Largest body of a framed request, in bytes.
    package var requestBytes = 1 << 20
    /// Largest request on one line, in bytes.
    package var bareRequestBytes = 64 << 10
    /// Largest reply, in bytes. A list gives fewer elements to stay within it; any other result beyond it is answered with 413.
    package var replyBytes = 4 << 20
    /// Requests of one connection that are worked on at a time.
    package var inFlight = 256
    /// Jobs that the watches of one connection may have all together; they take no place from other requests.
    package var watchedJobs = 10_000
    /// Bytes of parameters that requests at a time may have all together.
    package var inFlightBytes = 4 << 20
    /// Bytes that the connections of one user may hold: unfinished frames, requests in flight, unsent replies. A connection
    /// that goes beyond it is closed. Up to ``BufferBudget/grain`` of each connection are not counted.
    package var userBytes = 32 << 20
    /// Concurrency limits of the backends, on each thread. Requests over a limit wait for a slot.
    package var backendLimits = [ConcurrencyLimits()]
    /// Backend of each service, as an index into ``backendLimits``.
    package var routes = BackendRoutes.single
    /// Requests to the daemon itself that may be worked on at a time, on each thread; those of the protocol likewise.
    package var othersAtOnce = 4
    /// Time that a request has if it names none.
    package var defaultTimeout = Duration.seconds(60)
    /// The longest time that a request can ask for; more is cut down to it.
    package var maximumTimeout = Duration.seconds(300)
    /// Unsent bytes of one connection over which nothing more is read from it.
    package var softOutputBytes = 1 << 20
    /// Unsent bytes of one connection over which it is closed.
    package var hardOutputBytes = 8 << 20
    /// How long a connection may stay over the soft output cap, or take to read its last replies.
    package var slowConsumerTimeout = Duration.seconds(10)
    /// How long a frame may take from its first byte to its last.
    package var frameTimeout = Duration.seconds(10)
    /// Connections at a time; one more is told so and closed.
    package var connections = 4096
    /// Connections of one user at a time, at most ``largestShare(of:)``.
    package var connectionsPerUser = 256
    /// Descriptors that the process may have; unlimited by default.
    package var descriptors = Int.max
    /// Descriptors of those that are kept back for everything but connections.
    package var reservedDescriptors = 0
    /// Requests that one connection may begin before the others get their turn.
    package var requestsPerTurn = 32
    /// How long a drain waits for requests in flight.
    package var drainTimeout = Duration.seconds(20)
    /// Length of the kernel's queue of clients that were not accepted yet; also cut to `net.core.somaxconn`.
    package var backlog: Int32 = 4096
    /// Event loop threads, where the server makes its own. One answers more than callers ask, and a second one costs each request
    /// a good part again: what the two share goes back and forth between processors.
    package var threads = 1

    /// The product's version, as `rpc.hello` reports it.
    package var version = "unknown"
    /// Names of what this server can do beyond the base of the contract, as `rpc.hello` reports them.
    package var features: [String] = []
    /// The backend of each service, as `rpc.hello` reports it.
    package var backends: [String: String] = [:]

    package init() {}
}

extension ServerConfiguration {
    /// Checks that the numbers make sense by themselves and together.
    ///
    /// - Throws: For the first one that does not, naming it and the range.
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

    /// The most connections that can be set.
    package static let largestConnections = 1_000_000

    /// The most connections that one user may have of all: what is left is for the others, whatever this one does.
    package static func largestShare(of connections: Int) -> Int { max(1, connections * 3 / 4) }

    /// The most that the seven digits of a length can say.
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
