internal import JoblineProtocol

extension ConnectionStateMachine {
    /// Limits of one connection.
    struct Limits: Sendable {
        /// Maximum number of requests in flight; requests with an id and requests without are counted separately.
        var inFlight: Int
        /// Maximum size of the parameters of all requests in flight, in bytes. A single request may be larger.
        var inFlightBytes: Int
        /// Maximum number of jobs in all watches.
        var watchedJobs: Int
        var defaultTimeout: Duration
        var maximumTimeout: Duration
        /// Unsent bytes over which reading stops.
        var softOutputBytes: Int
        /// Unsent bytes over which the connection is closed.
        var hardOutputBytes: Int
        /// Unsent bytes over which notifications are held back.
        var notificationBytes: Int { softOutputBytes / 8 }
    }

    /// Decides for a connection that was just accepted.
    init(_ configuration: ServerConfiguration, _ admission: ConnectionRegistry.Admission) {
        self.init(
            limits: configuration.connectionLimits, refusal: admission.exceededCap.map(WireError.tooManyConnections))
        if admission.isDraining { _ = drain() }
    }
}
