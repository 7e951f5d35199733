internal import NIOCore

extension ClientStateMachine {
    /// Submits a call; its request is written once a connection and a slot are available.
    mutating func submit(_ id: CallID, deadline: NIODeadline, now: NIODeadline) -> SubmitAction {
        guard deadline > now else {
            return .refuse(CallFailure(.timedOut, "the deadline passed before the request was sent", written: false))
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
                        .overloaded, "\(waiting) calls are waiting; reduce concurrency or raise maximumWaitingCalls",
                        written: false))
            }
            enqueue(id, deadline)
            return .wait
        }
    }

    /// Returns the next call or watch to write now and counts its request as written.
    mutating func nextToWrite(now: NIODeadline) -> CallID? {
        switch state {
        case .disconnected, .connecting, .draining, .backingOff, .closed: return nil
        case .connected(let link):
            guard link.isWritable, !link.isProbed, !isSuspect else { return nil }
            if let id = watches.popWaiting() {
                beginAwaiting(now)
                watches.write(id, isProven: liveness.isProven)
                return id
            }
            while written + abandoned < link.window, let id = queue.popFirst() {
                guard var call = calls[id], call.stage == .waiting else { continue }
                beginAwaiting(now)
                call.stage = .written
                calls[id] = call
                waiting -= 1
                written += 1
                return id
            }
            return nil
        }
    }

    /// Removes a call or watch that ``nextToWrite(now:)`` returned but that was not written.
    ///
    /// The request exceeded the server's size limit, or the watch had nothing left to request.
    mutating func notWritten(_ id: CallID) -> LinkEnd? {
        if watches.contains(id) { watches.remove(id) } else { remove(id) }
        return endIfSpent()
    }

    /// Cancels a call whose task was cancelled.
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

    /// Records that the server rejected a call as unavailable: the server drains or is overloaded.
    ///
    /// A ping tells the two apart, because a draining server rejects it.
    ///
    /// - Returns: Whether to send a ping as a probe; report its response to ``probed(_:isDraining:)``.
    mutating func rejectedAsUnavailable(_ generation: Generation) -> Bool {
        guard generation == self.generation else { return false }
        switch state {
        case .connected(var link) where !link.isProbed:
            link.isProbed = true
            state = .connected(link)
            return true
        case .disconnected, .connecting, .connected, .draining, .backingOff, .closed: return false
        }
    }

    /// Ends the probe that ``rejectedAsUnavailable(_:)`` requested.
    mutating func probed(_ generation: Generation, isDraining: Bool) -> LinkEnd? {
        guard generation == self.generation else { return nil }
        switch state {
        case .connected(var link) where link.isProbed:
            link.isProbed = false
            state = isDraining ? .draining(isNoticed: false) : .connected(link)
            return endIfSpent()
        case .disconnected, .connecting, .connected, .draining, .backingOff, .closed: return nil
        }
    }

    /// Ends a call whose response arrived.
    mutating func answered(_ generation: Generation, _ id: CallID) -> AnswerAction {
        guard generation == self.generation, hasLink else { return .ignore(nil) }
        linkProved()
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
}

// MARK: - Bookkeeping

extension ClientStateMachine {
    private mutating func enqueue(_ id: CallID, _ deadline: NIODeadline) {
        calls[id] = Call(stage: .waiting, deadline: deadline)
        queue.append(id)
        waiting += 1
        note(deadline)
        // Calls that end while waiting leave their ids in the queue; compaction bounds the queue's length.
        if queue.count > 2 * waiting + 64 { queue.removeAll { calls[$0]?.stage != .waiting } }
    }

    mutating func remove(_ id: CallID) {
        switch calls.removeValue(forKey: id)?.stage {
        case .waiting: waiting -= 1
        case .written: written -= 1
        case .abandoned: abandoned -= 1
        case nil: break
        }
    }

    mutating func abandon(_ id: CallID) {
        calls[id]?.stage = .abandoned
        written -= 1
        abandoned += 1
    }

    mutating func endCalls(_ failure: (_ written: Bool) -> CallFailure) -> [Ended] {
        let ended = calls.filter { $0.value.stage != .abandoned }.map { id, call in
            Ended(id: id, failure: failure(call.stage == .written))
        }
        calls.removeAll()
        queue.removeAll()
        waiting = 0
        written = 0
        abandoned = 0
        return ended
    }

    static func closed(written: Bool) -> CallFailure {
        CallFailure(.closed, "the client is closed; create a new one", written: written)
    }
}
