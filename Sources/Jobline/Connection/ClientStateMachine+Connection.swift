internal import JoblineProtocol
internal import NIOCore

extension ClientStateMachine {
    /// A connection was made.
    mutating func connected(_ generation: Generation, now: NIODeadline) -> ConnectedAction {
        guard generation == self.generation else { return .close }
        switch state {
        case .connecting:
            state = .connected(Link(window: configuration.window))
            liveness = Liveness(madeAt: now)
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
                let kind = failure.mayPass ? CallFailure.Kind.unreachable : .inaccessible
                let failed = CallFailure(kind, failure.message, written: false, cause: failure.cause)
                let ended = endCalls { _ in failed } + watches.endUnproven(failed)
                return ConnectFailedAction(ended: ended, next: reconnectOrRest())
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
            if waiting > 0 || watches.waiting > 0 { return beginConnecting() }
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
            linkProved()
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

    /// The server says that it takes no more requests on this connection.
    mutating func drainNoticed(_ generation: Generation) -> LinkEnd? {
        guard generation == self.generation else { return nil }
        switch state {
        case .connected, .draining(isNoticed: false):
            state = .draining(isNoticed: true)
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
    /// - Returns: The calls and watches that end with it.
    mutating func closed() -> [Ended] {
        state = .closed
        earliestDeadline = nil
        return endCalls { Self.closed(written: $0) } + watches.endAll { Self.closed(written: $0) }
    }
}

// MARK: - Bookkeeping

extension ClientStateMachine {
    var hasLink: Bool {
        switch state {
        case .connected, .draining: true
        case .disconnected, .connecting, .backingOff, .closed: false
        }
    }

    mutating func beginConnecting() -> Generation {
        generation += 1
        state = .connecting
        return generation
    }

    /// Someone answered over the present connection.
    mutating func linkProved() {
        failures = 0
        guard !liveness.isProven else { return }
        liveness.isProven = true
        watches.linkProved()
    }

    /// Ends a connection that has no use any more: drained, or with its whole window taken by requests that never got an answer.
    mutating func endIfSpent() -> LinkEnd? {
        switch state {
        case .connected(let link) where abandoned < link.window: nil
        case .connected: endLink(.lost, "the daemon leaves too many requests unanswered")
        case .draining: written == 0 ? endLink(.lost, "the daemon drained the connection") : nil
        case .disconnected, .connecting, .backingOff, .closed: nil
        }
    }

    mutating func endLink(
        _ kind: CallFailure.Kind, _ message: String, cause: (any Error)? = nil
    ) -> LinkEnd {
        var failure = CallFailure(kind, message, written: true, cause: cause)
        if kind == .lost, case .draining(isNoticed: true) = state {
            // It had answered everything when it said so; what was on its way to it then, it has not read.
            let error = WireError(.unavailable, "the daemon drained the connection", processed: false)
            failure = CallFailure(.refused(error), error.message, written: true, cause: cause)
        }
        var ended: [Ended] = []
        for (id, call) in calls where call.stage != .waiting {
            remove(id)
            guard call.stage == .written else { continue }
            ended.append(Ended(id: id, failure: failure))
        }
        // Where the daemon fell silent, it has been away since then.
        let lostAt = liveness.heardAt
        ended += watches.linkEnded(failure, at: lostAt)
        if watches.waiting > 0, let patience = configuration.watchPatience { note(lostAt + patience) }
        if kind == .lost, case .connected = state { isDoubted = true }
        fleeting = liveness.wasFleeting ? fleeting + 1 : 0
        return LinkEnd(ended: ended, next: reconnectOrRest())
    }

    private mutating func reconnectOrRest() -> Next {
        guard waiting > 0 || watches.waiting > 0 else {
            state = .disconnected
            return .rest
        }
        var failures = failures
        if waiting == 0 {
            // Attempts bound how often a call comes back. A watch comes back for ever, and so takes its time.
            failures = max(failures, fleeting, 1)
        }
        guard failures > 0 else { return .connect(beginConnecting()) }
        state = .backingOff
        let ceiling = min(
            configuration.backOffBase.nanoseconds << min(failures - 1, 20), configuration.backOffMaximum.nanoseconds)
        // At least half of it, so that a run of small random numbers does not make a busy loop.
        return .backOff(.nanoseconds(Int64(Double(ceiling) * (0.5 + 0.5 * random()))))
    }
}
