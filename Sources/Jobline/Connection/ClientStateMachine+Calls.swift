internal import NIOCore

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

    /// The next call or watch whose request is to be written now, which then counts as sent.
    mutating func nextToWrite(now: NIODeadline) -> CallID? {
        switch state {
        case .disconnected, .connecting, .draining, .backingOff, .closed: return nil
        case .connected(let link):
            guard link.isWritable, !link.isProbed, !isDoubted else { return nil }
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

    /// A request that ``nextToWrite(now:)`` gave out was not written: over the server's cap, or with nothing left to ask.
    mutating func notWritten(_ id: CallID) -> LinkEnd? {
        if watches.contains(id) { watches.remove(id) } else { remove(id) }
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

    /// The server turned a call down for now, untouched: it drains, or has too much to do. Whoever drains turns a ping down, too.
    ///
    /// - Returns: True if it is to be sent one, with which ``probed(_:isDraining:)`` follows.
    mutating func turnedDown(_ generation: Generation) -> Bool {
        guard generation == self.generation else { return false }
        switch state {
        case .connected(var link) where !link.isProbed:
            link.isProbed = true
            state = .connected(link)
            return true
        case .disconnected, .connecting, .connected, .draining, .backingOff, .closed: return false
        }
    }

    /// The answer to that ping came.
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

    /// The final reply to a request came.
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
        // Calls that ended while waiting leave their ids behind: never more of them than of the waiting ones.
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
        CallFailure(.closed, "the client is closed; make a new one", written: written)
    }
}
