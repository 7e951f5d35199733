internal import JoblineProtocol
internal import NIOCore

extension ClientStateMachine {
    /// Adopts the connection that was established, or rejects it if it is no longer needed.
    mutating func connected(_ generation: Generation, now: NIODeadline) -> ConnectedAction {
        guard generation == self.generation else { return .close }
        switch state {
        case .connecting:
            state = .connected(Link(window: configuration.window))
            liveness = Liveness(madeAt: now)
            connectFailure = nil
            // Counts as failed until its first response, so that the backoff grows if it ends before.
            failures += 1
            return .use
        case .disconnected, .connected, .draining, .backingOff, .closed:
            return .close
        }
    }

    /// Handles a failed connection attempt.
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

    /// Ends the backoff after a failed connection.
    ///
    /// - Returns: The number of the connection to establish; nil if no call or watch waits for one.
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

    /// Adopts the server's limit on requests in flight.
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

    /// Records whether the channel is writable.
    mutating func writabilityChanged(_ generation: Generation, _ isWritable: Bool) {
        guard generation == self.generation else { return }
        switch state {
        case .connected(var link):
            link.isWritable = isWritable
            state = .connected(link)
        case .disconnected, .connecting, .draining, .backingOff, .closed: break
        }
    }

    /// Starts draining: the server takes no more requests on this connection.
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

    /// Ends the connection after an error without a request id.
    ///
    /// The server rejected the connection, or it can no longer parse its requests.
    mutating func refused(_ generation: Generation, _ error: WireError) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.refused(error), error.message)
    }

    /// Ends the connection after a protocol violation by the server.
    mutating func violated(_ generation: Generation, _ message: String) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.violation, message)
    }

    /// Handles the end of the connection.
    mutating func lost(_ generation: Generation, cause: (any Error)?) -> LinkEnd? {
        guard generation == self.generation, hasLink else { return nil }
        return endLink(.lost, "the connection to the daemon closed before the response arrived", cause: cause)
    }

    /// Closes the client.
    ///
    /// - Returns: The calls and watches that fail because of it.
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

    /// Records that the daemon responded on the current connection.
    mutating func linkProved() {
        failures = 0
        guard !liveness.isProven else { return }
        liveness.isProven = true
        watches.linkProved()
    }

    /// Ends a connection that cannot take requests any more.
    ///
    /// The connection has drained, or abandoned requests occupy every slot of the window.
    mutating func endIfSpent() -> LinkEnd? {
        switch state {
        case .connected(let link) where abandoned < link.window: nil
        case .connected: endLink(.lost, "too many requests have had no response from the daemon")
        case .draining: written == 0 ? endLink(.lost, "the daemon drained the connection") : nil
        case .disconnected, .connecting, .backingOff, .closed: nil
        }
    }

    mutating func endLink(
        _ kind: CallFailure.Kind, _ message: String, cause: (any Error)? = nil
    ) -> LinkEnd {
        var failure = CallFailure(kind, message, written: true, cause: cause)
        if kind == .lost, case .draining(isNoticed: true) = state {
            // The drain notice follows the last response: the server has not read the requests still in flight.
            let error = WireError(.unavailable, "the daemon drained the connection", processed: false)
            failure = CallFailure(.refused(error), error.message, written: true, cause: cause)
        }
        var ended: [Ended] = []
        for (id, call) in calls where call.stage != .waiting {
            remove(id)
            guard call.stage == .written else { continue }
            ended.append(Ended(id: id, failure: failure))
        }
        // The daemon counts as gone since its last bytes, not since the loss was detected.
        let lostAt = liveness.heardAt
        ended += watches.linkEnded(failure, at: lostAt)
        if watches.waiting > 0, let timeout = configuration.watchTimeout { note(lostAt + timeout) }
        if kind == .lost, case .connected = state { isSuspect = true }
        shortLived = liveness.wasShortLived ? shortLived + 1 : 0
        return LinkEnd(ended: ended, next: reconnectOrRest())
    }

    private mutating func reconnectOrRest() -> Next {
        guard waiting > 0 || watches.waiting > 0 else {
            state = .disconnected
            return .rest
        }
        var failures = failures
        if waiting == 0 {
            // The retry policy bounds the attempts of a call. Watches reconnect without limit and always back off.
            failures = max(failures, shortLived, 1)
        }
        guard failures > 0 else { return .connect(beginConnecting()) }
        state = .backingOff
        let ceiling = min(
            configuration.backOffBase.nanoseconds << min(failures - 1, 20), configuration.backOffMaximum.nanoseconds)
        // Jitter covers the upper half only, so that small random numbers do not cause a busy loop.
        return .backOff(.nanoseconds(Int64(Double(ceiling) * (0.5 + 0.5 * random()))))
    }
}
