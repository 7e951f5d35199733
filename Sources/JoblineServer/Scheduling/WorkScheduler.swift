internal import JoblineProtocol
internal import NIOCore

/// Decides when the requests of one event loop go to their services: a bounded number at a time, and where more wait, one
/// connection after the other. So one that asks once waits for the work of a few requests, not for all that another one has
/// piled up.
///
/// Belongs to its event loop, and is used only there.
final class WorkScheduler {
    /// Requests that take their places from each other.
    enum Lane: Hashable {
        /// Describe and get.
        case read
        /// List: a page costs many times what one job does.
        case list
        /// Start, stop, create, update, delete: many at a time, for they share their commits.
        case write
        /// What the daemon says of itself, which has to get through where the services are stuck.
        case sidecar
        /// The protocol's own, which never waits for anything.
        case rpc
    }

    /// How many requests of each lane may be at their services at a time.
    struct Places: Sendable {
        var read: Int
        var list: Int
        var write: Int
        var others: Int

        subscript(lane: Lane) -> Int {
            switch lane {
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

    private let places: Places
    private var taken: [Lane: Int] = [:]
    private var waiting: [Lane: RoundRobin<Waiting>] = [:]

    /// What runs the work that waits and does little else; nil: what runs all other work.
    let executor: (any TaskExecutor)?

    init(_ places: Places, executor: (any TaskExecutor)? = nil) {
        self.places = places
        self.executor = executor
    }

    /// Takes a place, unless all are taken.
    ///
    /// Nobody waits while a place is free, so this overtakes nobody. Give it back with ``giveBack(_:)``.
    func takePlace(in lane: Lane) -> Bool {
        guard taken[lane, default: 0] < places[lane] else { return false }
        taken[lane, default: 0] += 1
        return true
    }

    /// Has `begin` called once it is this request's turn, with a place taken for it.
    func wait(in lane: Lane, connection: Int, _ key: RequestKey, begin: @escaping () -> Void) {
        waiting[lane, default: RoundRobin()].append(Waiting(key: key, begin: begin), to: connection)
    }

    /// Gives the place to whose turn it is.
    func giveBack(_ lane: Lane) {
        if let next = waiting[lane]?.popFirst() {
            next.begin()
        } else {
            taken[lane, default: 0] -= 1
        }
    }

    /// Forgets a request that waits.
    func withdraw(_ key: RequestKey, of connection: Int, from lane: Lane) {
        waiting[lane]?.remove(from: connection) { $0.key == key }
    }

    /// Forgets all requests of a connection that wait.
    func withdrawAll(of connection: Int) {
        for lane in waiting.keys { waiting[lane]?.remove(from: connection) { _ in true } }
    }
}

extension WorkScheduler.Lane {
    /// True for what services do with their jobs.
    var isOfJobs: Bool {
        switch self {
        case .read, .list, .write: true
        case .sidecar, .rpc: false
        }
    }

    static func of(_ method: Method) -> Self { all[method.index] }

    /// That of each method, by its index.
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
