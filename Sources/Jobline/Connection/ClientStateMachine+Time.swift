internal import NIOCore

extension ClientStateMachine {
    /// Liveness of the server on the current connection; meaningless without a connection.
    struct Liveness {
        var madeAt = NIODeadline.uptimeNanoseconds(0)
        /// Time at which bytes last arrived.
        var heardAt = NIODeadline.uptimeNanoseconds(0)
        /// Start of the current silence; counts only while a response is outstanding.
        var silentSince = NIODeadline.uptimeNanoseconds(0)
        /// Time of the ping that has had no response; nil if there is none.
        var pingedAt: NIODeadline?
        /// Whether the server has responded; the kernel accepts connections before the server does.
        var isProven = false

        init() {}

        init(madeAt: NIODeadline) {
            self.madeAt = madeAt
            heardAt = madeAt
            silentSince = madeAt
        }

        /// Whether the last bytes arrived within one second of connecting; too short to count as a healthy connection.
        var wasShortLived: Bool { heardAt - madeAt < .seconds(1) }
    }
}

extension ClientStateMachine {
    /// Time of the next call to ``timeReached(now:)``; nil if none is needed. An earlier call is harmless.
    var nextTime: NIODeadline? {
        guard let silenceEnd else { return earliestDeadline }
        return min(earliestDeadline ?? silenceEnd, silenceEnd)
    }

    /// Records that bytes arrived.
    mutating func heard(_ generation: Generation, now: NIODeadline) {
        guard generation == self.generation, hasLink else { return }
        liveness.heardAt = now
        liveness.silentSince = now
        liveness.pingedAt = nil
        isSuspect = false
    }

    /// Handles everything that is due: deadlines, backoffs of watches, keep-alive.
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
        checkWatches(now: now, &action)
        action.linkEnd = endIfSpent()
        guard action.linkEnd == nil, let silenceEnd, silenceEnd <= now else { return action }
        if liveness.pingedAt == nil {
            liveness.pingedAt = now
            action.pings = true
        } else {
            // Also while draining, where `endLink` does not set it.
            isSuspect = true
            action.linkEnd = endLink(.lost, "the daemon did not respond to a keep-alive ping")
        }
        return action
    }

    /// Starts the keep-alive clock with the first outstanding request.
    mutating func beginAwaiting(_ now: NIODeadline) {
        guard !isAwaiting else { return }
        liveness.silentSince = now
        liveness.pingedAt = nil
    }

    mutating func note(_ deadline: NIODeadline) {
        earliestDeadline = min(earliestDeadline ?? deadline, deadline)
    }

    /// Time at which the silence on the connection becomes too long; nil if no response is outstanding.
    private var silenceEnd: NIODeadline? {
        guard hasLink, isAwaiting else { return nil }
        if let pingedAt = liveness.pingedAt { return pingedAt + configuration.pingTimeout }
        return liveness.silentSince + configuration.keepAlive
    }

    private var isAwaiting: Bool {
        if case .connected(let link) = state, link.isProbed { return true }
        return isSuspect || written > 0 || watches.written > 0
    }

    private func outOfTimeWaiting() -> CallFailure {
        switch state {
        case .connected where isSuspect:
            CallFailure(
                .unreachable,
                "the daemon at \(configuration.socketPath) accepts connections but does not respond; nothing was sent",
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
