internal import JoblineProtocol
internal import NIOCore

/// Limits how many requests of one event loop are at each backend, and queues the others fairly by connection.
///
/// A connection with one request waits for a few others, not for everything that another connection has pipelined.
///
/// Confined to its event loop.
final class WorkScheduler {
    private struct Waiting {
        let key: RequestKey
        let begin: () -> Void
    }

    private let limits: SlotLimits
    private var taken: [SlotPool: Int] = [:]
    private var waiting: [SlotPool: RoundRobin<Waiting>] = [:]

    /// Executor of work that mostly waits; nil for the default executor.
    let executor: (any TaskExecutor)?

    init(_ limits: SlotLimits, executor: (any TaskExecutor)? = nil) {
        self.limits = limits
        self.executor = executor
    }

    /// Returns the pool that requests of a method take their slots from.
    func pool(of method: Method) -> SlotPool { limits.pool(of: method) }

    /// Takes a slot, unless all are taken.
    ///
    /// No request waits while a slot is free, so this overtakes none. Release it with ``releaseSlot(_:)``.
    func takeSlot(in pool: SlotPool) -> Bool {
        guard taken[pool, default: 0] < limits[pool] else { return false }
        taken[pool, default: 0] += 1
        return true
    }

    /// Queues a request. `begin` is called with a slot taken for it.
    func wait(in pool: SlotPool, connection: Int, _ key: RequestKey, begin: @escaping () -> Void) {
        waiting[pool, default: RoundRobin()].append(Waiting(key: key, begin: begin), to: connection)
    }

    /// Releases a slot, or passes it to the next request in the queue.
    func releaseSlot(_ pool: SlotPool) {
        if let next = waiting[pool]?.popFirst() {
            next.begin()
        } else {
            taken[pool, default: 0] -= 1
        }
    }

    /// Removes a request from the queue.
    func withdraw(_ key: RequestKey, of connection: Int, from pool: SlotPool) {
        waiting[pool]?.remove(from: connection) { $0.key == key }
    }

    /// Removes all requests of a connection from the queue.
    func withdrawAll(of connection: Int) {
        for pool in waiting.keys { waiting[pool]?.remove(from: connection) { _ in true } }
    }
}
