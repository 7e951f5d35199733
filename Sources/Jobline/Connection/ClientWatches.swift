internal import NIOCore

/// Watches of a client across connections, each from its submission until its end.
struct ClientWatches: ~Copyable {
    typealias CallID = ClientStateMachine.CallID

    enum Stage: Hashable {
        /// Waits for a connection.
        case waiting
        /// Backoff after a retryable error response; only while connected.
        case pausing(until: NIODeadline)
        /// Requested on the current connection.
        case written
        /// Ended by the client; its response is outstanding.
        case abandoned
    }

    struct Watch {
        var stage: Stage
        let deadline: NIODeadline?
        /// Time since which no daemon has served the watch; nil while one does.
        var inactiveSince: NIODeadline?
        /// Whether a daemon has ever served the watch.
        var wasInForce = false
        /// Last error response; nil once a notification has arrived since.
        var failure: CallFailure?
        /// Number of consecutive error responses.
        private var errors = 0
        private var refusedAt: NIODeadline?

        init(deadline: NIODeadline?, now: NIODeadline) {
            stage = .pausing(until: now)
            self.deadline = deadline
            inactiveSince = now
        }

        mutating func becomeActive() {
            wasInForce = true
            inactiveSince = nil
        }

        /// - Returns: Whether to deliver the notification.
        mutating func notified() -> Bool {
            guard stage == .written else { return false }
            failure = nil
            becomeActive()
            return true
        }

        /// Returns the number of consecutive errors including one at `now`; restarts at 1 after 40 s without an error.
        func attempts(now: NIODeadline) -> Int {
            guard let refusedAt, now - refusedAt < Self.resetInterval else { return 1 }
            return errors + 1
        }

        mutating func refused(_ failure: CallFailure, attempts: Int, now: NIODeadline) {
            self.failure = failure
            errors = attempts
            refusedAt = now
            // The first of consecutive errors determines the time.
            inactiveSince = attempts == 1 ? now : inactiveSince ?? now
        }

        /// Time without an error after which the count of consecutive errors restarts: twice the longest backoff.
        private static let resetInterval = TimeAmount.seconds(40)
    }

    private var watches: [CallID: Watch] = [:]
    /// Ids of the waiting watches in order; may also contain ids of watches that no longer wait.
    private var queue = CircularBuffer<CallID>()
    private(set) var waiting = 0
    private(set) var written = 0

    var count: Int { watches.count }
    /// Ids of the watches that have not ended.
    var open: [CallID] { watches.filter { $0.value.stage != .abandoned }.map(\.key) }

    subscript(id: CallID) -> Watch? { watches[id] }

    func contains(_ id: CallID) -> Bool { watches[id] != nil }

    mutating func add(_ id: CallID, deadline: NIODeadline?, now: NIODeadline) {
        watches[id] = Watch(deadline: deadline, now: now)
        wait(id)
    }

    mutating func remove(_ id: CallID) {
        leaveStage(id)
        watches[id] = nil
    }

    mutating func popWaiting() -> CallID? {
        while let id = queue.popFirst() { if watches[id]?.stage == .waiting { return id } }
        return nil
    }

    /// Records that the request of a watch is written.
    mutating func write(_ id: CallID, isProven: Bool) {
        leaveStage(id)
        watches[id]?.stage = .written
        written += 1
        if isProven, watches[id]?.failure == nil { watches[id]?.becomeActive() }
    }

    /// Records that the daemon responded on the current connection.
    mutating func linkProved() {
        for (id, watch) in watches where watch.stage == .written && watch.failure == nil {
            watches[id]?.becomeActive()
        }
    }

    /// - Returns: Whether to deliver the notification.
    mutating func notified(_ id: CallID) -> Bool { watches[id]?.notified() ?? false }

    /// Starts the backoff of a watch after a retryable error response.
    mutating func refused(
        _ id: CallID, _ failure: CallFailure, attempts: Int, pausingUntil until: NIODeadline, now: NIODeadline
    ) {
        leaveStage(id)
        watches[id]?.refused(failure, attempts: attempts, now: now)
        watches[id]?.stage = .pausing(until: until)
    }

    /// Ends the backoff of a watch.
    mutating func resume(_ id: CallID) { wait(id) }

    /// Ends a watch on behalf of the client.
    ///
    /// - Returns: Whether to cancel its request on the server.
    mutating func abandon(_ id: CallID) -> Bool {
        switch watches[id]?.stage {
        case .written:
            leaveStage(id)
            watches[id]?.stage = .abandoned
            return true
        case .waiting, .pausing:
            remove(id)
            return false
        case .abandoned, nil:
            return false
        }
    }

    /// Handles the end of the connection: written watches wait for the next one, or fail if a retry cannot succeed.
    mutating func linkEnded(_ failure: CallFailure, at time: NIODeadline) -> [ClientStateMachine.Ended] {
        var ended: [ClientStateMachine.Ended] = []
        // Sorted, so that the next connection receives the requests in order of submission.
        for id in watches.keys.sorted() {
            switch watches[id]?.stage {
            case .written where !failure.mayPass:
                remove(id)
                ended.append(ClientStateMachine.Ended(id: id, failure: failure))
            case .written:
                if watches[id]?.inactiveSince == nil { watches[id]?.inactiveSince = time }
                wait(id)
            case .pausing: wait(id)
            case .abandoned: remove(id)
            case .waiting, nil: break
            }
        }
        return ended
    }

    /// Ends the watches that no daemon has ever served.
    mutating func endUnproven(_ failure: CallFailure) -> [ClientStateMachine.Ended] {
        let ended = watches.filter { $0.value.stage != .abandoned && !$0.value.wasInForce }.map(\.key)
        for id in ended { remove(id) }
        return ended.map { ClientStateMachine.Ended(id: $0, failure: failure) }
    }

    mutating func endAll(_ failure: (_ written: Bool) -> CallFailure) -> [ClientStateMachine.Ended] {
        let ended = watches.filter { $0.value.stage != .abandoned }.map { id, watch in
            ClientStateMachine.Ended(id: id, failure: failure(watch.stage == .written))
        }
        self = ClientWatches()
        return ended
    }

    private mutating func wait(_ id: CallID) {
        leaveStage(id)
        watches[id]?.stage = .waiting
        waiting += 1
        queue.append(id)
        if queue.count > 2 * waiting + 64 {
            let watches = watches
            queue.removeAll { watches[$0]?.stage != .waiting }
        }
    }

    /// Removes a watch from the count of its stage, before the caller assigns a new stage.
    private mutating func leaveStage(_ id: CallID) {
        switch watches[id]?.stage {
        case .waiting: waiting -= 1
        case .written: written -= 1
        case .pausing, .abandoned, nil: break
        }
        watches[id]?.stage = .abandoned
    }
}
