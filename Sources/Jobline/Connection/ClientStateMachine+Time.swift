internal import NIOCore

/// What is known of the other end of the present connection; without one it means nothing.
extension ClientStateMachine {
    struct Liveness {
        var madeAt = NIODeadline.uptimeNanoseconds(0)
        /// When something came in last.
        var heardAt = NIODeadline.uptimeNanoseconds(0)
        /// Since when it is silent while something is awaited.
        var silentSince = NIODeadline.uptimeNanoseconds(0)
        /// When it was asked for a sign of life that it has not given.
        var pingedAt: NIODeadline?
        /// True once it has answered anything; a socket takes connections before anyone looks at them.
        var isProven = false

        init() {}

        init(madeAt: NIODeadline) {
            self.madeAt = madeAt
            heardAt = madeAt
            silentSince = madeAt
        }

        /// True if nothing was heard for longer than a second: too little to say that all is well with it.
        var wasFleeting: Bool { heardAt - madeAt < .seconds(1) }
    }
}

extension ClientStateMachine {
    /// When to call ``timeReached(now:)``; nil if time does not matter. One that is early is harmless.
    var nextTime: NIODeadline? {
        guard let silenceEnd else { return earliestDeadline }
        return min(earliestDeadline ?? silenceEnd, silenceEnd)
    }

    /// Bytes came in.
    mutating func heard(_ generation: Generation, now: NIODeadline) {
        guard generation == self.generation, hasLink else { return }
        liveness.heardAt = now
        liveness.silentSince = now
        liveness.pingedAt = nil
        isDoubted = false
    }

    /// Time came to ``nextTime``.
    mutating func timeReached(now: NIODeadline) -> TimeAction {
        var action = TimeAction()
        earliestDeadline = nil
        for (id, call) in calls where call.stage != .abandoned {
            guard call.deadline <= now else {
                note(call.deadline)
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
        lookAtWatches(now: now, &action)
        action.linkEnd = endIfSpent()
        guard action.linkEnd == nil, let silenceEnd, silenceEnd <= now else { return action }
        if liveness.pingedAt == nil {
            liveness.pingedAt = now
            action.pings = true
        } else {
            // Whether it drains or not.
            isDoubted = true
            action.linkEnd = endLink(.lost, "nothing was heard from the daemon any more, not even after a ping")
        }
        return action
    }

    /// A request goes out; silence counts from the first one that an answer is awaited of.
    mutating func beginAwaiting(_ now: NIODeadline) {
        guard !isAwaiting else { return }
        liveness.silentSince = now
        liveness.pingedAt = nil
    }

    mutating func note(_ deadline: NIODeadline) {
        earliestDeadline = min(earliestDeadline ?? deadline, deadline)
    }

    /// When the present connection has been silent for too long; nil where nothing is awaited of it.
    private var silenceEnd: NIODeadline? {
        guard hasLink, isAwaiting else { return nil }
        if let pingedAt = liveness.pingedAt { return pingedAt + configuration.pingPatience }
        return liveness.silentSince + configuration.keepAlive
    }

    private var isAwaiting: Bool {
        if case .connected(let link) = state, link.isProbed { return true }
        return isDoubted || written > 0 || watches.written > 0
    }

    private func outOfTimeWaiting() -> CallFailure {
        switch state {
        case .connected where isDoubted:
            CallFailure(
                .unreachable,
                "the daemon at \(configuration.socketPath) takes connections and does not answer; nothing was sent",
                written: false)
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
}
