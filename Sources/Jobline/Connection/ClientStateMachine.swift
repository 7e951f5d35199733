internal import NIOCore

/// State machine of a client's single connection.
///
/// Decides when to connect, which request to write next, which call a response belongs to, and which calls fail.
///
/// The state machine holds ids only: no requests, no socket. Each event is one method, which returns the action to
/// perform. After every event the owner writes the requests that ``nextToWrite(now:)`` returns and schedules
/// ``timeReached(now:)`` for ``nextTime``.
///
/// A call occupies a slot in the server's window, has a deadline, and ends with the connection it was sent on. A watch
/// occupies no slot, may have no deadline, and outlives connections: it is requested again on the next one.
struct ClientStateMachine: ~Copyable {
    typealias CallID = Int64
    /// Number of a connection; distinguishes late events of an earlier connection from those of the current one.
    typealias Generation = Int

    struct Configuration: Sendable {
        /// Path of the daemon's socket, for error messages only.
        var socketPath: String
        /// Maximum number of requests in flight until the server advertises its own limit.
        var window = 256
        /// Maximum number of calls that wait for the connection or for a slot; also the maximum number of watches.
        var maximumWaiting = 10_000
        /// Whether calls wait, until their deadline, while the daemon is unreachable.
        var waitsForDaemon = true
        /// Backoff after the first failed connection; doubles with each further failure up to the maximum.
        var backOffBase = TimeAmount.milliseconds(50)
        /// Maximum backoff. One second is enough: a local socket accepts within a millisecond once it exists.
        var backOffMaximum = TimeAmount.seconds(1)
        /// Maximum time without received bytes, while a response is outstanding, before the client sends a ping.
        var keepAlive = TimeAmount.seconds(15)
        /// Maximum time without received bytes after the ping before the connection counts as lost.
        var pingTimeout = TimeAmount.seconds(5)
        /// Maximum time a watch may be without a daemon before it fails; unlimited if nil.
        var watchTimeout: TimeAmount? = .minutes(5)
    }

    enum State {
        /// No connection, and no call or watch waits for one. Exits: `connecting` on a call or watch; `closed`.
        case disconnected
        /// Connection attempt in progress. Exits: `connected`; `backingOff` or `disconnected` on failure; `closed`.
        case connecting
        /// The connection takes requests. Exits: `draining` when the server drains; at the end of the connection
        /// `connecting` or `backingOff` if calls or watches wait, otherwise `disconnected`; `closed`.
        case connected(Link)
        /// The server takes no more requests and finishes those in flight. Exits: as `connected`, without `draining`.
        ///
        /// - isNoticed: Whether the server sent its drain notice. It does so after its last response.
        case draining(isNoticed: Bool)
        /// Backoff after a failed connection. Exits: `connecting` if calls or watches wait, otherwise `disconnected`;
        /// `closed`.
        case backingOff
        /// The user closed the client. No exit.
        case closed
    }

    /// State of a connection that takes requests.
    struct Link {
        /// Maximum number of requests in flight.
        var window: Int
        /// Whether the channel is writable. While it is not, requests stay in the queue, known to be unsent.
        var isWritable = true
        /// Whether a probe for draining is outstanding; requests stay in the queue until its response arrives.
        var isProbed = false
    }

    /// Progress of a call.
    enum Stage {
        /// In the queue, not written.
        case waiting
        /// Written; the response is outstanding.
        case written
        /// Cancelled or timed out after it was written; occupies its slot until the response arrives.
        case abandoned
    }

    struct Call {
        var stage: Stage
        var deadline: NIODeadline
    }

    let configuration: Configuration
    let random: @Sendable () -> Double
    var state = State.disconnected
    var generation: Generation = 0
    var calls: [CallID: Call] = [:]
    /// Ids of the waiting calls in order of submission; may also contain ids of calls that no longer wait.
    var queue = CircularBuffer<CallID>()
    var waiting = 0
    var written = 0
    var abandoned = 0
    var watches = ClientWatches()
    /// Number of consecutive connections that failed or ended before the first response.
    var failures = 0
    /// Number of consecutive connections whose last bytes arrived less than one second after connecting.
    var shortLived = 0
    var connectFailure: ConnectFailure?
    var liveness = Liveness()
    /// Whether the last connection was lost without a drain notice and no later connection has received bytes yet.
    ///
    /// Requests stay in the queue meanwhile. The kernel accepts connections on behalf of a stopped daemon, and for some
    /// milliseconds on behalf of a killed one. Such a daemon reads a request much later or never.
    var isSuspect = false

    /// Lower bound of the next deadline of all calls and watches; nil if there is none.
    var earliestDeadline: NIODeadline?

    /// Creates a state machine without a connection.
    ///
    /// - Parameters:
    ///   - configuration: Limits and timeouts.
    ///   - random: Returns a number in 0..<1 for the jitter of the backoff.
    init(configuration: Configuration, random: @escaping @Sendable () -> Double) {
        self.configuration = configuration
        self.random = random
    }
}
