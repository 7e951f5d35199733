internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Open connections of a server, and number of requests at their services.
final class ConnectionRegistry: Sendable {
    /// Decision about a connection that was accepted.
    struct Admission: Sendable {
        /// Number of the connection, from 1, unique while the server runs.
        let connection: Int
        /// Cap that the connection exceeds; nil if it is served.
        let exceededCap: ConnectionCaps.Exceeded?
        /// Whether the server drains already.
        let isDraining: Bool
    }

    private struct State {
        var caps: ConnectionCaps
        var channels: [Int: any Channel] = [:]
        /// Number of connections that are served.
        var served = 0
        /// Number of served connections by caller; callers without any are absent.
        var servedByCaller: [Caller: Int] = [:]
        /// Reasons of connections that are about to end.
        var ends: [Int: ConnectionEnd] = [:]
        var counts = Counts()
        var tasks = 0
        var isDraining = false
        var whenIdle: EventLoopPromise<Void>?

        var isIdle: Bool { channels.isEmpty && tasks == 0 }

        init(caps: ConnectionCaps) { self.caps = caps }
    }

    /// Counters since the start. At any time, accepted = open + closed.
    struct Counts: Sendable, Hashable {
        var open = 0
        var accepted = 0
        /// Refused connections by the cap that they exceeded.
        var refused: [String: Int] = [:]
        var closed: [ConnectionEnd: Int] = [:]
    }

    private let state: Mutex<State>

    init(caps: ConnectionCaps) { state = Mutex(State(caps: caps)) }

    /// Maximum numbers of connections. Open connections stay if a change makes them too many.
    var caps: ConnectionCaps {
        get { state.withLock(\.caps) }
        set { state.withLock { $0.caps = newValue } }
    }

    /// Number of connections that are served.
    var connections: Int { state.withLock(\.served) }
    /// Number of requests at their services.
    var inFlight: Int { state.withLock(\.tasks) }
    var counts: Counts { state.withLock(\.counts) }
    var isDraining: Bool { state.withLock(\.isDraining) }

    /// Admits a connection. A connection over a cap is kept until it has sent the error.
    func admit(_ channel: any Channel, caller: Caller) -> Admission {
        let admission = state.withLock { state in
            state.counts.accepted += 1
            state.counts.open += 1
            let connection = state.counts.accepted
            state.channels[connection] = channel
            let open = state.servedByCaller[caller, default: 0]
            let exceeded = state.caps.exceeded(by: caller, open: open, all: state.served)
            if let exceeded {
                state.counts.refused[exceeded.name, default: 0] += 1
                state.ends[connection] = .refused
            } else {
                state.served += 1
                state.servedByCaller[caller] = open + 1
            }
            return Admission(connection: connection, exceededCap: exceeded, isDraining: state.isDraining)
        }
        channel.closeFuture.whenComplete { _ in self.remove(admission, caller: caller) }
        return admission
    }

    /// Notes the reason for which a connection is about to end. The first reason counts.
    func ends(_ connection: Int, _ end: ConnectionEnd) {
        state.withLock { if $0.ends[connection] == nil { $0.ends[connection] = end } }
    }

    private func remove(_ admission: Admission, caller: Caller) {
        change { state in
            let connection = admission.connection
            state.channels[connection] = nil
            state.counts.open -= 1
            state.counts.closed[state.ends.removeValue(forKey: connection) ?? .failed, default: 0] += 1
            guard admission.exceededCap == nil else { return }
            state.served -= 1
            let left = state.servedByCaller[caller, default: 1] - 1
            state.servedByCaller[caller] = left > 0 ? left : nil
        }
    }

    func taskBegan() { state.withLock { $0.tasks += 1 } }
    func taskEnded() { change { $0.tasks -= 1 } }

    /// Makes a change, and wakes the waiter if everything has ended.
    private func change(_ body: (inout State) -> Void) {
        let promise = state.withLock { state -> EventLoopPromise<Void>? in
            body(&state)
            guard state.isIdle else { return nil }
            return state.whenIdle.take()
        }
        promise?.succeed()
    }

    /// Drains every connection, open or new.
    func drain() {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.drain) }
    }

    /// Ends the requests in flight of every connection, and then the connection.
    func expireDrain() {
        for channel in openChannels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.drainExpired) }
    }

    /// Makes every connection check its deadlines.
    func timeHasMoved() {
        for channel in openChannels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.timeHasMoved) }
    }

    func closeAll() {
        for channel in openChannels { channel.close(promise: nil) }
    }

    private var openChannels: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Waits until no connection is open and no request is at its service, or until the timeout.
    ///
    /// - Returns: False after the timeout.
    func waitUntilIdle(_ timeout: Duration, on eventLoop: any EventLoop) async -> Bool {
        let promise = eventLoop.makePromise(of: Void.self)
        let earlier = state.withLock { state -> EventLoopPromise<Void>? in
            let earlier = state.whenIdle.take()
            state.whenIdle = promise
            return earlier
        }
        earlier?.succeed()
        change { _ in }
        let timer = eventLoop.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) {
            self.state.withLock { $0.whenIdle.take() }?.succeed()
        }
        try? await promise.futureResult.get()
        timer.cancel()
        return state.withLock(\.isIdle)
    }
}

/// Events that a server sends to its connections.
enum ConnectionEvent: Sendable {
    /// Refuse new requests, finish those in flight, then close.
    case drain
    /// End the requests in flight.
    case drainExpired
    /// End requests whose deadline has passed: a test has moved the clock.
    case timeHasMoved
}
