internal import JoblineProtocol
internal import NIOCore

extension ClientStateMachine {
    /// Submits a watch; its request is written once a connection is available.
    ///
    /// - Parameters:
    ///   - id: Id of the watch on every connection; distinct from the ids of calls.
    ///   - deadline: Time at which the watch fails if it has not ended; unlimited if nil.
    ///   - now: Current time.
    mutating func submitWatch(_ id: CallID, deadline: NIODeadline?, now: NIODeadline) -> SubmitAction {
        if let deadline, deadline <= now {
            return .refuse(CallFailure(.timedOut, Self.watchTimedOut, written: false))
        }
        switch state {
        case .closed:
            return .refuse(Self.closed(written: false))
        case .disconnected:
            addWatch(id, deadline, now)
            return .connect(beginConnecting())
        case .connecting, .connected, .draining, .backingOff:
            guard watches.count < configuration.maximumWaiting else {
                return .refuse(
                    CallFailure(
                        .overloaded, "\(watches.count) watches are already open; watch more jobs with each watch",
                        written: false))
            }
            addWatch(id, deadline, now)
            return .wait
        }
    }

    /// Handles a notification for a watch.
    ///
    /// - Returns: Whether to deliver it; false if the watch was cancelled or the connection is not the current one.
    mutating func watchNotified(_ generation: Generation, _ id: CallID) -> Bool {
        guard generation == self.generation, hasLink else { return false }
        linkProved()
        return watches.notified(id)
    }

    /// Handles the response to the request of a watch.
    ///
    /// - Parameters:
    ///   - generation: Number of the connection.
    ///   - id: Id of the watch; the table contains it.
    ///   - error: Error of the response; nil for a result.
    ///   - now: Current time.
    mutating func watchAnswered(
        _ generation: Generation, _ id: CallID, _ error: WireError?, now: NIODeadline
    ) -> WatchAnswerAction {
        guard generation == self.generation, hasLink else { return .none }
        linkProved()
        guard let watch = watches[id] else { return .none }
        switch watch.stage {
        case .written: break
        case .abandoned:
            watches.remove(id)
            return .none
        case .waiting, .pausing:
            return .violation(endLink(.violation, "the daemon answered a request that was not sent"))
        }
        guard let error else {
            watches.remove(id)
            return .finish
        }
        let failure = CallFailure.server(error)
        // Not retried: the limit is per connection, so another watch of this client has to end first.
        guard failure.mayPass, error.scope != "connection" else {
            watches.remove(id)
            return .fail(failure)
        }
        let attempts = watch.attempts(now: now)
        // The deadline and `watchTimeout` end a watch, not a number of attempts.
        let decision = RetryDecision(
            after: failure, attempts: attempts, policy: RetryPolicy(maximumAttempts: .max), safety: .readonly,
            remaining: .seconds(86_400), random: random())
        guard case .retry(let pause, _) = decision else {
            watches.remove(id)
            return .fail(failure)
        }
        let until = now + TimeAmount(pause)
        watches.refused(id, failure, attempts: attempts, pausingUntil: until, now: now)
        note(until)
        noteInactive(since: watches[id]?.inactiveSince)
        return .none
    }

    /// Cancels a watch.
    ///
    /// - Returns: Whether to cancel its request on the server.
    mutating func cancelWatch(_ id: CallID) -> Bool { watches.abandon(id) }

    /// Ends all watches.
    mutating func endWatches() -> EndWatchesAction {
        var action = EndWatchesAction()
        for id in watches.open {
            let written = watches.abandon(id)
            action.ended.append(Ended(id: id, failure: Self.closed(written: written)))
            if written { action.tellServer.append(id) }
        }
        return action
    }

    /// Ends watches past their deadline or too long without a daemon, and resumes those whose backoff is over.
    mutating func checkWatches(now: NIODeadline, _ action: inout TimeAction) {
        for id in watches.open {
            guard let watch = watches[id] else { continue }
            var failure: CallFailure?
            if let deadline = watch.deadline {
                if deadline <= now {
                    failure = CallFailure(.timedOut, Self.watchTimedOut, written: watch.stage == .written)
                } else {
                    note(deadline)
                }
            }
            if failure == nil, let since = watch.inactiveSince, let timeout = configuration.watchTimeout {
                if since + timeout <= now {
                    failure = watch.failure ?? watchTimedOut(timeout)
                } else {
                    note(since + timeout)
                }
            }
            if let failure {
                if watches.abandon(id) { action.tellServer.append(id) }
                action.ended.append(Ended(id: id, failure: failure))
            } else if case .pausing(let until) = watch.stage {
                if until <= now { watches.resume(id) } else { note(until) }
            }
        }
    }

    private mutating func addWatch(_ id: CallID, _ deadline: NIODeadline?, _ now: NIODeadline) {
        watches.add(id, deadline: deadline, now: now)
        if let deadline { note(deadline) }
        noteInactive(since: now)
    }

    private mutating func noteInactive(since: NIODeadline?) {
        if let since, let timeout = configuration.watchTimeout { note(since + timeout) }
    }

    private func watchTimedOut(_ timeout: TimeAmount) -> CallFailure {
        let reason = connectFailure.map { ": " + $0.message } ?? ""
        return CallFailure(
            .unreachable,
            "no daemon responded at \(configuration.socketPath) for \(Duration(timeout))\(reason)", written: false,
            cause: connectFailure?.cause)
    }

    private static let watchTimedOut = "the watch did not end before its deadline"
}
