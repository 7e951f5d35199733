internal import NIOCore

/// Decides what a client's one connection does: when to connect, which request goes out, whom an answer belongs to, who fails.
///
/// Holds ids only, no request and no socket. One method an event, which returns what to do; after every event the owner also
/// writes what ``nextToWrite(now:)`` gives out and sees that ``timeReached(now:)`` is called at ``nextTime``.
///
/// Calls take a place in the server's window, have a deadline, and end with the connection that they were sent on. Watches
/// take none, need no deadline, and outlive connections: one that is lost is asked for again on the next one.
struct ClientStateMachine: ~Copyable {
    typealias CallID = Int64
    /// Counts the connections, so that what an earlier one still reports is told from the present one.
    typealias Generation = Int

    struct Configuration: Sendable {
        /// Where the daemon listens, for messages.
        var socketPath: String
        /// Requests in flight before the server has said how many it takes.
        var window = 256
        /// Calls that may wait for the connection or for the window, and watches that there may be.
        var maximumWaiting = 10_000
        /// Whether calls wait, within their deadline, while the daemon cannot be reached.
        var waitsForDaemon = true
        /// Pause after the first failed connection; doubles up to the maximum.
        var backOffBase = TimeAmount.milliseconds(50)
        /// A local socket answers within a millisecond once it is there: no reason to wait longer than a second.
        var backOffMaximum = TimeAmount.seconds(1)
        /// How long a connection on which something is awaited may be silent before it is asked for a sign of life.
        var keepAlive = TimeAmount.seconds(15)
        /// How long it may stay silent after that before it counts as lost.
        var pingPatience = TimeAmount.seconds(5)
        /// How long a watch may be without its daemon before it fails; nil for ever.
        var watchPatience: TimeAmount? = .minutes(5)
    }

    enum State {
        /// No connection, and no one waits for one. Exits: `connecting` on a call or watch, `closed`.
        case disconnected
        /// A connection is being made. Exits: `connected`, `backingOff` or `disconnected` on failure, `closed`.
        case connecting
        /// Requests go out and answers come in. Exits: `draining` on the server's notice; where the connection ends,
        /// `connecting` or `backingOff` if calls or watches wait, else `disconnected`; `closed`.
        case connected(Link)
        /// The server takes no more requests; what is in flight is finished. Exits: as `connected`, without `draining`.
        ///
        /// - isNoticed: True if the server has said so, which it does once it has answered all that it had begun.
        case draining(isNoticed: Bool)
        /// A pause after a connection that failed. Exits: `connecting` if anyone still waits, else `disconnected`; `closed`.
        case backingOff
        /// Closed by the user. No exit.
        case closed
    }

    /// What is particular to a connection that takes requests.
    struct Link {
        var window: Int
        /// False while the socket takes no more bytes; requests then stay here, where it is certain that they were not sent.
        var isWritable = true
        /// True while it is being found out whether the server drains; requests stay here until then.
        var isProbed = false
    }

    /// How far a call has come.
    enum Stage {
        /// Not sent.
        case waiting
        /// Sent, unanswered.
        case written
        /// Sent, unanswered, and no one waits for the answer; still takes a place in the server's window.
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
    /// Waiting calls in their order, among ids of calls that do not wait any more.
    var queue = CircularBuffer<CallID>()
    var waiting = 0
    var written = 0
    var abandoned = 0
    var watches = WatchTable()
    /// Connections in a row that failed or ended before they gave an answer.
    var failures = 0
    /// Connections in a row that gave answers, but not for as long as a second.
    var fleeting = 0
    var connectFailure: ConnectFailure?
    var liveness = Liveness()
    /// True from a loss without notice until something is heard on a later connection, be it the answer to its hello. The kernel
    /// takes connections for a daemon that is stopped, and for milliseconds for one that was killed; what is sent on them is
    /// read long after or never: it stays here.
    var isDoubted = false

    /// No call and no watch has to be looked at earlier; nil if there is none that time matters to.
    var earliestDeadline: NIODeadline?

    /// - Parameters:
    ///   - configuration: Bounds and pauses.
    ///   - random: From 0 up to 1; spreads reconnecting clients over time.
    init(configuration: Configuration, random: @escaping @Sendable () -> Double) {
        self.configuration = configuration
        self.random = random
    }
}
