internal import NIOCore

/// Decides what a client's one connection does: when to connect, which request goes out, whom an answer belongs to, who fails.
///
/// Holds ids only, no request and no socket. One method an event, which returns what to do; after every event the owner also
/// writes what ``nextToWrite()`` gives out and sees that ``deadlineReached(now:)`` is called at ``earliestDeadline``.
struct ClientStateMachine: ~Copyable {
    typealias CallID = Int64
    /// Counts the connections, so that what an earlier one still reports is told from the present one.
    typealias Generation = Int

    struct Configuration: Sendable {
        /// Where the daemon listens, for messages.
        var socketPath: String
        /// Requests in flight before the server has said how many it takes.
        var window = 256
        /// Calls that may wait for the connection or for the window.
        var maximumWaiting = 10_000
        /// Whether calls wait, within their deadline, while the daemon cannot be reached.
        var waitsForDaemon = true
        /// Pause after the first failed connection; doubles up to the maximum.
        var backOffBase = TimeAmount.milliseconds(50)
        /// A local socket answers within a millisecond once it is there: no reason to wait longer than a second.
        var backOffMaximum = TimeAmount.seconds(1)
    }

    private enum State {
        /// No connection, and no one waits for one. Exits: `connecting` on a call, `closed`.
        case disconnected
        /// A connection is being made. Exits: `connected`, `backingOff` or `disconnected` on failure, `closed`.
        case connecting
        /// Requests go out and answers come in. Exits: `draining` on the server's notice; where the connection ends,
        /// `connecting` or `backingOff` if calls wait, else `disconnected`; `closed`.
        case connected(Link)
        /// The server takes no more requests; what is in flight is finished. Exits: as `connected`, without `draining`.
        case draining
        /// A pause after a connection that failed. Exits: `connecting` if calls still wait, else `disconnected`; `closed`.
        case backingOff
        /// Closed by the user. No exit.
        case closed
    }

    /// What is particular to a connection that takes requests.
    private struct Link {
        var window: Int
        /// False while the socket takes no more bytes; requests then stay here, where it is certain that they were not sent.
        var isWritable = true
    }

    /// How far a call has come.
    private enum Stage {
        /// Not sent.
        case waiting
        /// Sent, unanswered.
        case written
        /// Sent, unanswered, and no one waits for the answer; still takes a place in the server's window.
        case abandoned
    }

    private struct Call {
        var stage: Stage
        var deadline: NIODeadline
    }

    private let configuration: Configuration
    private let random: @Sendable () -> Double
    private var state = State.disconnected
    private var generation: Generation = 0
    private var calls: [CallID: Call] = [:]
    /// Waiting calls in their order, among ids of calls that do not wait any more.
    private var queue = CircularBuffer<CallID>()
    private var waiting = 0
    private var written = 0
    private var abandoned = 0
    /// Connections in a row that failed or ended before they gave an answer.
    private var failures = 0
    private var connectFailure: ConnectFailure?

    /// No call has an earlier deadline; nil if there is no call.
    private(set) var earliestDeadline: NIODeadline?

    /// - Parameters:
    ///   - configuration: Bounds and pauses.
    ///   - random: From 0 up to 1; spreads reconnecting clients over time.
    init(configuration: Configuration, random: @escaping @Sendable () -> Double) {
        self.configuration = configuration
        self.random = random
    }
}

// MARK: - Calls

extension ClientStateMachine {
    /// A call came in.
    mutating func submit(_ id: CallID, deadline: NIODeadline, now: NIODeadline) -> SubmitAction {
        guard deadline > now else {
            return .refuse(CallFailure(.timedOut, "no time was left to send the request", written: false))
        }
        switch state {
        case .closed:
            return .refuse(Self.closed(written: false))
        case .disconnected:
            enqueue(id, deadline)
            return .connect(beginConnecting())
        case .connecting, .connected, .draining, .backingOff:
            guard waiting < configuration.maximumWaiting else {
                return .refuse(
                    CallFailure(
                        .overloaded, "\(waiting) calls wait already; make fewer at a time or raise maximumWaitingCalls",
                        written: false))
            }
            enqueue(id, deadline)
            return .wait
        }
    }

    /// The next call whose request is to be written now, which then counts as sent.
    mutating func nextToWrite() -> CallID? {
        switch state {
        case .disconnected, .connecting, .draining, .backingOff, .closed: return nil
        case .connected(let link):
            guard link.isWritable else { return nil }
            while written + abandoned < link.window, let id = queue.popFirst() {
                guard calls[id]?.stage == .waiting else { continue }
                calls[id]?.stage = .written
                waiting -= 1
                written += 1
                return id
            }
            return nil
        }
    }

    /// A request that ``nextToWrite()`` gave out is over the server's cap and was not written.
    mutating func notWritten(_ id: CallID) -> LinkEnd? {
        remove(id)
        return endIfSpent()
    }

    /// A call's task was cancelled.
    mutating func cancelled(_ id: CallID) -> CancelAction {
        guard let call = calls[id] else { return .none }
        switch call.stage {
        case .waiting:
            remove(id)
            return .fail(.cancelled(written: false))
        case .written:
            abandon(id)
            return .failAndTellServer(.cancelled(written: true), endIfSpent())
        case .abandoned:
            return .none
        }
    }

    /// Time came to ``earliestDeadline``.
    mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        var action = DeadlineAction()
        earliestDeadline = nil
        for (id, call) in calls where call.stage != .abandoned {
            guard call.deadline <= now else {
                earliestDeadline = min(earliestDeadline ?? call.deadline, call.deadline)
                continue
            }
            switch call.stage {
            case .waiting:
                remove(id)
                action.ended.append(Ended(id: id, failure: outOfTimeWaiting()))
            case .written:
                abandon(id)
                action.ended.append(
                    Ended(
                        id: id,
                        failure: CallFailure(.timedOut, "the daemon did not answer within the deadline", written: true))
                )
                action.tellServer.append(id)
            case .abandoned: break
            }
        }
        action.linkEnd = endIfSpent()
        return action
    }
}

// MARK: - Connection

extension ClientStateMachine {
    /// A connection was made.
    mutating func connected(_ generation: Generation) -> ConnectedAction {
        guard generation == self.generation else { return .close }
        switch state {
        case .connecting:
            state = .connected(Link(window: configuration.window))
            connectFailure = nil
            // Until it has given an answer it counts as one more that failed.
            failures += 1
            return .use
        case .disconnected, .connected, .draining, .backingOff, .closed:
            return .close
        }
    }

    /// No connection could be made.
    mutating func connectFailed(_ generation: Generation, _ failure: ConnectFailure) -> ConnectFailedAction? {
        guard generation == self.generation else { return nil }
        switch state {
        case .connecting:
            connectFailure = failure
            failures += 1
            guard failure.mayPass, configuration.waitsForDaemon else {
                state = .disconnected
                let kind = failure.mayPass ? CallFailure.Kind.unreachable : .inaccessible
                return ConnectFailedAction(
                    ended: endAll { _ in CallFailure(kind, failure.message, written: false, cause: failure.cause) },
                    next: .rest)
            }
            return ConnectFailedAction(ended: [], next: reconnectOrRest())
        case .disconnected, .connected, .draining, .backingOff, .closed:
            return nil
        }
    }

    /// The pause after a failed connection is over.
    ///
    /// - Returns: The connection to make, or nil if no one waits for it any more.
    mutating func backOffEnded() -> Generation? {
        switch state {
        case .backingOff:
            if waiting > 0 { return beginConnecting() }
            state = .disconnected
            return nil
        case .disconnected, .connecting, .connected, .draining, .closed:
            return nil
        }
    }

    /// The server said how many requests it takes at a time.
    mutating func windowAdvertised(_ generation: Generation, _ window: Int) {
        guard generation == self.generation else { return }
        switch state {
        case .connected(var link):
            failures = 0
            link.window = max(1, window)
            state = .connected(link)
        case .disconnected, .connecting, .draining, .backingOff, .closed: break
        }
    }

    /// The socket takes bytes again, or no more for now.
    mutating func writabilityChanged(_ generation: Generation, _ isWritable: Bool) {
        guard generation == self.generation else { return }
        switch state {
        case .connected(var link):
            link.isWritable = isWritable
            state = .connected(link)
        case .disconnected, .connecting, .draining, .backingOff, .closed: break
        }
    }

    /// The final reply to a request came.
    mutating func answered(_ generation: Generation, _ id: CallID) -> AnswerAction {
        guard generation == self.generation, hasLink else { return .ignore(nil) }
        failures = 0
        switch calls[id]?.stage {
        case .written:
            remove(id)
            return .deliver(endIfSpent())
        case .abandoned:
            remove(id)
            return .ignore(endIfSpent())
        case .waiting, nil:
            return .violation(endLink(.violation, "the daemon answered a request that was not sent"))
        }
    }

    /// The server says that it takes no more requests on this connection.
    mutating func drainNoticed(_ generation: Generation) -> LinkEnd? {
        guard generation == self.generation else { return nil }
        switch state {
        case .connected:
            state = .draining
            return endIfSpent()
        case .disconnected, .connecting, .draining, .backingOff, .closed:
            return nil
        }
    }

    /// The server sent an error that belongs to no request: it has turned the connection down, or lost track of it.
    mutating func refused(_ generation: Generation, _ error: WireError) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.refused(error), error.message)
    }

    /// The peer sent what is no answer.
    mutating func violated(_ generation: Generation, _ message: String) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.violation, message)
    }

    /// The connection ended.
    mutating func lost(_ generation: Generation, cause: (any Error)?) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.lost, "the connection to the daemon ended before its answer", cause: cause)
    }

    /// The user closes the client.
    ///
    /// - Returns: The calls that end with it.
    mutating func closed() -> [Ended] {
        state = .closed
        return endAll { Self.closed(written: $0) }
    }
}

// MARK: - Bookkeeping

extension ClientStateMachine {
    private var hasLink: Bool {
        switch state {
        case .connected, .draining: true
        case .disconnected, .connecting, .backingOff, .closed: false
        }
    }

    private mutating func enqueue(_ id: CallID, _ deadline: NIODeadline) {
        calls[id] = Call(stage: .waiting, deadline: deadline)
        queue.append(id)
        waiting += 1
        earliestDeadline = min(earliestDeadline ?? deadline, deadline)
        // Calls that ended while waiting leave their ids behind: never more of them than of the waiting ones.
        if queue.count > 2 * waiting + 64 { queue.removeAll { calls[$0]?.stage != .waiting } }
    }

    private mutating func remove(_ id: CallID) {
        switch calls.removeValue(forKey: id)?.stage {
        case .waiting: waiting -= 1
        case .written: written -= 1
        case .abandoned: abandoned -= 1
        case nil: break
        }
    }

    private mutating func abandon(_ id: CallID) {
        calls[id]?.stage = .abandoned
        written -= 1
        abandoned += 1
    }

    private mutating func beginConnecting() -> Generation {
        generation += 1
        state = .connecting
        return generation
    }

    /// Ends a connection that has no use any more: drained, or with its whole window taken by requests that never got an answer.
    private mutating func endIfSpent() -> LinkEnd? {
        switch state {
        case .connected(let link) where abandoned < link.window: nil
        case .connected: endLink(.lost, "the daemon leaves too many requests unanswered")
        case .draining: written == 0 ? endLink(.lost, "the daemon drained the connection") : nil
        case .disconnected, .connecting, .backingOff, .closed: nil
        }
    }

    private mutating func endLink(
        _ kind: CallFailure.Kind, _ message: String, cause: (any Error)? = nil
    ) -> LinkEnd {
        var ended: [Ended] = []
        for (id, call) in calls where call.stage != .waiting {
            remove(id)
            guard call.stage == .written else { continue }
            ended.append(Ended(id: id, failure: CallFailure(kind, message, written: true, cause: cause)))
        }
        return LinkEnd(ended: ended, next: reconnectOrRest())
    }

    private mutating func reconnectOrRest() -> Next {
        guard waiting > 0 else {
            state = .disconnected
            return .rest
        }
        guard failures > 0 else { return .connect(beginConnecting()) }
        state = .backingOff
        let ceiling = min(
            configuration.backOffBase.nanoseconds << min(failures - 1, 20), configuration.backOffMaximum.nanoseconds)
        // At least half of it, so that a run of small random numbers does not make a busy loop.
        return .backOff(.nanoseconds(Int64(Double(ceiling) * (0.5 + 0.5 * random()))))
    }

    private mutating func endAll(_ failure: (_ written: Bool) -> CallFailure) -> [Ended] {
        let ended = calls.filter { $0.value.stage != .abandoned }.map { id, call in
            Ended(id: id, failure: failure(call.stage == .written))
        }
        calls.removeAll()
        queue.removeAll()
        waiting = 0
        written = 0
        abandoned = 0
        earliestDeadline = nil
        return ended
    }

    private func outOfTimeWaiting() -> CallFailure {
        switch state {
        case .connected:
            CallFailure(
                .timedOut, "the deadline passed while earlier requests were in flight; nothing was sent", written: false
            )
        case .disconnected, .connecting, .draining, .backingOff, .closed:
            CallFailure(
                .unreachable,
                connectFailure?.message ?? "no connection to \(configuration.socketPath) within the deadline",
                written: false, cause: connectFailure?.cause)
        }
    }

    private static func closed(written: Bool) -> CallFailure {
        CallFailure(.closed, "the client is closed; make a new one", written: written)
    }
}
