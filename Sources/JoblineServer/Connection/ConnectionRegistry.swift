internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// The open connections of a server, and how much is being worked on.
final class ConnectionRegistry: Sendable {
    /// What the registry says to a connection that was accepted.
    struct Admission: Sendable {
        /// Counts up from 1 for as long as the server runs.
        let connection: Int
        /// The cap that this connection is over, if it is over one.
        let exceededCap: ConnectionCaps.Exceeded?
        /// True if the server goes down already.
        let isDraining: Bool
    }

    private struct State {
        var caps: ConnectionCaps
        var channels: [Int: any Channel] = [:]
        /// Connections that are served.
        var served = 0
        /// The same by user; those without any are not in it.
        var servedByCaller: [Caller: Int] = [:]
        /// Why those end that are about to.
        var ends: [Int: ConnectionEnd] = [:]
        var counts = Counts()
        var tasks = 0
        var isDraining = false
        var whenIdle: EventLoopPromise<Void>?

        var isIdle: Bool { channels.isEmpty && tasks == 0 }

        init(caps: ConnectionCaps) { self.caps = caps }
    }

    /// Connections since the start: those accepted are those open and those closed.
    struct Counts: Sendable, Hashable {
        var open = 0
        var accepted = 0
        /// By the cap that they were over.
        var refused: [String: Int] = [:]
        var closed: [ConnectionEnd: Int] = [:]
    }

    private let state: Mutex<State>

    init(caps: ConnectionCaps) { state = Mutex(State(caps: caps)) }

    /// How many connections there may be. Connections that are open stay, even if there are more by now.
    var caps: ConnectionCaps {
        get { state.withLock(\.caps) }
        set { state.withLock { $0.caps = newValue } }
    }

    /// Connections that are served.
    var connections: Int { state.withLock(\.served) }
    /// Requests that are worked on.
    var inFlight: Int { state.withLock(\.tasks) }
    var counts: Counts { state.withLock(\.counts) }
    var isDraining: Bool { state.withLock(\.isDraining) }

    /// Takes in a connection: one to serve, or one over a cap, which is only told so.
    ///
    /// - Parameter uid: Whose it is.
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

    /// Makes a change that may leave nothing to wait for.
    private func change(_ body: (inout State) -> Void) {
        let promise = state.withLock { state -> EventLoopPromise<Void>? in
            body(&state)
            guard state.isIdle else { return nil }
            return state.whenIdle.take()
        }
        promise?.succeed()
    }

    /// Tells every connection, and from now on every new one, that the server goes down.
    func drain() {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.drain) }
    }

    /// Has every connection answer what is in flight and go.
    func expireDrain() {
        for channel in openChannels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.drainExpired) }
    }

    /// Has every connection look at the clock.
    func timeHasMoved() {
        for channel in openChannels { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.timeHasMoved) }
    }

    func closeAll() {
        for channel in openChannels { channel.close(promise: nil) }
    }

    private var openChannels: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Waits until no connection is open and nothing is worked on, but no longer than `timeout`.
    ///
    /// - Returns: False if the time was up.
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

/// What a server tells its connections.
enum ConnectionEvent: Sendable {
    /// Refuse new requests, finish those in flight, then close.
    case drain
    /// Wait no longer for those in flight.
    case drainExpired
    /// Look which deadlines have passed: the clock is one that is moved by hand.
    case timeHasMoved
}
