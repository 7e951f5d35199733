internal import JoblineProtocol
internal import NIOCore

/// Limits how many requests of one event loop are at their services, and queues the others fairly by connection.
///
/// A connection with one request waits for a few others, not for everything that another connection has pipelined.
///
/// Confined to its event loop.
final class WorkScheduler {
    /// Requests that share one concurrency limit.
    enum RequestClass: Hashable {
        /// Describe and get.
        case read
        /// List: a page costs many times as much as one job.
        case list
        /// Start, stop, create, update, delete: many at a time, because they share commits.
        case write
        /// Requests to the daemon itself, which must succeed while the services are stuck.
        case sidecar
        /// Methods of the protocol, which never wait.
        case rpc
    }

    /// Maximum number of requests of each class that are at their services.
    struct ConcurrencyLimits: Sendable {
        var read: Int
        var list: Int
        var write: Int
        var others: Int

        subscript(requestClass: RequestClass) -> Int {
            switch requestClass {
            case .read: read
            case .list: list
            case .write: write
            case .sidecar, .rpc: others
            }
        }
    }

    private struct Waiting {
        let key: RequestKey
        let begin: () -> Void
    }

    private let concurrencyLimits: ConcurrencyLimits
    private var taken: [RequestClass: Int] = [:]
    private var waiting: [RequestClass: RoundRobin<Waiting>] = [:]

    /// Executor of work that mostly waits; nil for the default executor.
    let executor: (any TaskExecutor)?

    init(_ concurrencyLimits: ConcurrencyLimits, executor: (any TaskExecutor)? = nil) {
        self.concurrencyLimits = concurrencyLimits
        self.executor = executor
    }

    /// Takes a slot, unless all are taken.
    ///
    /// No request waits while a slot is free, so this overtakes none. Release it with ``releaseSlot(_:)``.
    func takeSlot(in requestClass: RequestClass) -> Bool {
        guard taken[requestClass, default: 0] < concurrencyLimits[requestClass] else { return false }
        taken[requestClass, default: 0] += 1
        return true
    }

    /// Queues a request. `begin` is called with a slot taken for it.
    func wait(in requestClass: RequestClass, connection: Int, _ key: RequestKey, begin: @escaping () -> Void) {
        waiting[requestClass, default: RoundRobin()].append(Waiting(key: key, begin: begin), to: connection)
    }

    /// Releases a slot, or passes it to the next request in the queue.
    func releaseSlot(_ requestClass: RequestClass) {
        if let next = waiting[requestClass]?.popFirst() {
            next.begin()
        } else {
            taken[requestClass, default: 0] -= 1
        }
    }

    /// Removes a request from the queue.
    func withdraw(_ key: RequestKey, of connection: Int, from requestClass: RequestClass) {
        waiting[requestClass]?.remove(from: connection) { $0.key == key }
    }

    /// Removes all requests of a connection from the queue.
    func withdrawAll(of connection: Int) {
        for requestClass in waiting.keys { waiting[requestClass]?.remove(from: connection) { _ in true } }
    }
}

extension WorkScheduler.RequestClass {
    /// Whether requests of this class are about jobs and workflows.
    var isJobRequest: Bool {
        switch self {
        case .read, .list, .write: true
        case .sidecar, .rpc: false
        }
    }

    static func of(_ method: Method) -> Self { all[method.index] }

    /// Classes by method index.
    private static let all = Method.allCases.map(Self.init(of:))

    private init(of method: Method) {
        let descriptor = method.descriptor
        switch (descriptor.service, descriptor.limitClass) {
        case ("Sidecar", _): self = .sidecar
        case (_, .unlimited), ("rpc", _): self = .rpc
        case (_, .read): self = descriptor.pagination == nil ? .read : .list
        case (_, .write): self = .write
        }
    }
}
