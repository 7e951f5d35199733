internal import NIOCore
internal import Synchronization

/// A bound on connections, in the name under which those over it are counted.
enum ConnectionCap: String, Sendable, Hashable {
    /// That on all connections.
    case total
}

/// The open connections of a server, and how much is being worked on.
final class ConnectionRegistry: Sendable {
    /// What the registry says to a connection that was accepted.
    struct Admission: Sendable {
        /// Counts up from 1 for as long as the server runs.
        let connection: Int
        /// The cap on connections, if this one is over it.
        let exceededCap: Int?
        /// True if the server goes down already.
        let isDraining: Bool
    }

    private struct State {
        var channels: [Int: any Channel] = [:]
        /// Connections over the cap, which are only told so.
        var refused: Set<Int> = []
        /// Why those end that are about to.
        var ends: [Int: ConnectionEnd] = [:]
        var counts = Counts()
        var tasks = 0
        var isDraining = false
        var whenIdle: EventLoopPromise<Void>?

        var isIdle: Bool { channels.isEmpty && tasks == 0 }
    }

    /// Connections since the start: those accepted are those open and those closed.
    struct Counts: Sendable, Hashable {
        var open = 0
        var accepted = 0
        var refused: [ConnectionCap: Int] = [:]
        var closed: [ConnectionEnd: Int] = [:]
    }

    private let cap: Int
    private let state = Mutex(State())

    init(cap: Int) { self.cap = cap }

    /// Connections that are served.
    var connections: Int { state.withLock { $0.channels.count - $0.refused.count } }
    /// Requests that are worked on.
    var inFlight: Int { state.withLock(\.tasks) }
    var counts: Counts { state.withLock(\.counts) }
    var isDraining: Bool { state.withLock(\.isDraining) }

    func admit(_ channel: any Channel) -> Admission {
        let admission = state.withLock { state in
            state.counts.accepted += 1
            state.counts.open += 1
            let connection = state.counts.accepted
            let isOverCap = state.channels.count - state.refused.count >= cap
            state.channels[connection] = channel
            if isOverCap {
                state.refused.insert(connection)
                state.counts.refused[.total, default: 0] += 1
            }
            return Admission(
                connection: connection, exceededCap: isOverCap ? cap : nil, isDraining: state.isDraining)
        }
        channel.closeFuture.whenComplete { _ in self.remove(admission.connection) }
        return admission
    }

    /// A connection is about to end.
    func ends(_ connection: Int, _ end: ConnectionEnd) { state.withLock { $0.ends[connection] = end } }

    private func remove(_ connection: Int) {
        change { state in
            state.channels[connection] = nil
            state.refused.remove(connection)
            state.counts.open -= 1
            state.counts.closed[state.ends.removeValue(forKey: connection) ?? .failed, default: 0] += 1
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
}
