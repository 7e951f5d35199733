internal import JoblineProtocol
internal import NIOCore

extension ClientStateMachine {
    /// A watch came in.
    ///
    /// - Parameters:
    ///   - id: Its id, on every connection; calls have others.
    ///   - deadline: When it ends if it has not ended by itself; nil for never.
    ///   - now: The time.
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
                        .overloaded, "\(watches.count) watches are open already; watch more jobs with each of them",
                        written: false))
            }
            addWatch(id, deadline, now)
            return .wait
        }
    }

    /// A notification came that names a watch.
    ///
    /// - Returns: False if no one waits for it: of a watch that was cancelled, or of an earlier connection.
    mutating func watchNotified(_ generation: Generation, _ id: CallID) -> Bool {
        guard generation == self.generation, hasLink else { return false }
        linkProved()
        return watches.notified(id)
    }

    /// The final reply to a watch came.
    ///
    /// - Parameters:
    ///   - generation: The connection.
    ///   - id: The watch; one that ``WatchTable/contains(_:)``.
    ///   - error: What it ended with; nil for a result.
    ///   - now: The time.
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
        // Another watch has to end before there is room for this one; who has both had better know.
        guard failure.mayPass, error.scope != "connection" else {
            watches.remove(id)
            return .fail(failure)
        }
        let attempts = watch.attempts(now: now)
        // Its deadline and the patience with the daemon end it, not a number of attempts.
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
        noteOutOfForce(since: watches[id]?.outOfForceSince)
        return .none
    }

    /// No one wants a watch any more.
    ///
    /// - Returns: True if the server has to be told.
    mutating func cancelWatch(_ id: CallID) -> Bool { watches.abandon(id) }

    /// The user wants no more watches.
    mutating func endWatches() -> EndWatchesAction {
        var action = EndWatchesAction()
        for id in watches.open {
            let written = watches.abandon(id)
            action.ended.append(Ended(id: id, failure: Self.closed(written: written)))
            if written { action.tellServer.append(id) }
        }
        return action
    }

    /// Ends watches that took too long or were too long without the daemon, and asks again for those whose pause is over.
    mutating func lookAtWatches(now: NIODeadline, _ action: inout TimeAction) {
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
            if failure == nil, let since = watch.outOfForceSince, let patience = configuration.watchPatience {
                if since + patience <= now {
                    failure = watch.failure ?? outOfPatience(patience)
                } else {
                    note(since + patience)
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
        noteOutOfForce(since: now)
    }

    private mutating func noteOutOfForce(since: NIODeadline?) {
        if let since, let patience = configuration.watchPatience { note(since + patience) }
    }

    private func outOfPatience(_ patience: TimeAmount) -> CallFailure {
        let reason = connectFailure.map { ": " + $0.message } ?? ""
        return CallFailure(
            .unreachable,
            "for \(Duration(patience)) no daemon has answered at \(configuration.socketPath)\(reason)", written: false,
            cause: connectFailure?.cause)
    }

    private static let watchTimedOut = "the watch has not ended within its deadline"
}
