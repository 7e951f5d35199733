internal import NIOCore

/// The watches of a client, from the first request for each until its final reply, over all connections.
struct WatchTable: ~Copyable {
    typealias CallID = ClientStateMachine.CallID

    enum Stage: Hashable {
        /// To be asked for as soon as there is a connection.
        case waiting
        /// To be asked for later: the server said so. Only while there is a connection.
        case pausing(until: NIODeadline)
        /// Asked for on the present connection.
        case written
        /// Cancelled, and its final reply has not come yet.
        case abandoned
    }

    struct Watch {
        var stage: Stage
        let deadline: NIODeadline?
        /// Since when no daemon has been watching; nil while one is.
        var outOfForceSince: NIODeadline?
        /// True once a daemon has watched.
        var wasInForce = false
        /// The error that ended it last, if nothing has come of it since.
        var failure: CallFailure?
        /// Errors in a row.
        private var errors = 0
        private var refusedAt: NIODeadline?

        init(deadline: NIODeadline?, now: NIODeadline) {
            stage = .pausing(until: now)
            self.deadline = deadline
            outOfForceSince = now
        }

        mutating func comeIntoForce() {
            wasInForce = true
            outOfForceSince = nil
        }

        /// - Returns: False if no one waits for its notifications.
        mutating func notified() -> Bool {
            guard stage == .written else { return false }
            failure = nil
            comeIntoForce()
            return true
        }

        /// Errors in a row with one that comes now; one long after the last begins a new row.
        func attempts(now: NIODeadline) -> Int {
            guard let refusedAt, now - refusedAt < Self.peace else { return 1 }
            return errors + 1
        }

        mutating func refused(_ failure: CallFailure, attempts: Int, now: NIODeadline) {
            self.failure = failure
            errors = attempts
            refusedAt = now
            // A row of errors has been going on since its first.
            outOfForceSince = attempts == 1 ? now : outOfForceSince ?? now
        }

        /// Twice the longest pause between two attempts: a watch that held for as long did hold.
        private static let peace = TimeAmount.seconds(40)
    }

    private var watches: [CallID: Watch] = [:]
    /// Waiting watches in their order, among ids of others.
    private var queue = CircularBuffer<CallID>()
    private(set) var waiting = 0
    private(set) var written = 0

    var count: Int { watches.count }
    /// Those that someone waits for.
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

    /// Its request goes out.
    mutating func write(_ id: CallID, isProven: Bool) {
        leaveStage(id)
        watches[id]?.stage = .written
        written += 1
        if isProven, watches[id]?.failure == nil { watches[id]?.comeIntoForce() }
    }

    /// The daemon at the other end of the present connection lives.
    mutating func linkProved() {
        for (id, watch) in watches where watch.stage == .written && watch.failure == nil {
            watches[id]?.comeIntoForce()
        }
    }

    /// - Returns: False if no one waits for its notifications.
    mutating func notified(_ id: CallID) -> Bool { watches[id]?.notified() ?? false }

    /// An error ended its request, and it is to be asked for again.
    mutating func refused(
        _ id: CallID, _ failure: CallFailure, attempts: Int, pausingUntil until: NIODeadline, now: NIODeadline
    ) {
        leaveStage(id)
        watches[id]?.refused(failure, attempts: attempts, now: now)
        watches[id]?.stage = .pausing(until: until)
    }

    /// Its pause is over.
    mutating func resume(_ id: CallID) { wait(id) }

    /// No one wants it any more.
    ///
    /// - Returns: True if the server knows of it.
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

    /// The connection ended; what was written on it waits for the next one, unless the failure does not pass.
    mutating func linkEnded(_ failure: CallFailure, at time: NIODeadline) -> [ClientStateMachine.Ended] {
        var ended: [ClientStateMachine.Ended] = []
        // In their order, so that the next connection sees them as this one did.
        for id in watches.keys.sorted() {
            switch watches[id]?.stage {
            case .written where !failure.mayPass:
                remove(id)
                ended.append(ClientStateMachine.Ended(id: id, failure: failure))
            case .written:
                if watches[id]?.outOfForceSince == nil { watches[id]?.outOfForceSince = time }
                wait(id)
            case .pausing: wait(id)
            case .abandoned: remove(id)
            case .waiting, nil: break
            }
        }
        return ended
    }

    /// Ends those that no daemon has ever watched for.
    mutating func endUnproven(_ failure: CallFailure) -> [ClientStateMachine.Ended] {
        let ended = watches.filter { $0.value.stage != .abandoned && !$0.value.wasInForce }.map(\.key)
        for id in ended { remove(id) }
        return ended.map { ClientStateMachine.Ended(id: $0, failure: failure) }
    }

    mutating func endAll(_ failure: (_ written: Bool) -> CallFailure) -> [ClientStateMachine.Ended] {
        let ended = watches.filter { $0.value.stage != .abandoned }.map { id, watch in
            ClientStateMachine.Ended(id: id, failure: failure(watch.stage == .written))
        }
        self = WatchTable()
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

    /// Takes a watch out of the count of its stage, as the first half of giving it another.
    private mutating func leaveStage(_ id: CallID) {
        switch watches[id]?.stage {
        case .waiting: waiting -= 1
        case .written: written -= 1
        case .pausing, .abandoned, nil: break
        }
        watches[id]?.stage = .abandoned
    }
}
