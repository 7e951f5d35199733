internal import JoblineBackend
internal import JoblineProtocol

/// Slots that requests compete for.
enum SlotPool: Sendable, Hashable {
    /// Requests of one class at one backend.
    case backend(BackendID, RequestClass)
    /// Requests to the daemon itself, which must succeed while the backends are stuck.
    case sidecar
    /// Methods of the protocol, which never wait.
    case rpc

    /// Whether requests of the pool are about jobs and workflows.
    var isForJobs: Bool {
        switch self {
        case .backend: true
        case .sidecar, .rpc: false
        }
    }
}

/// Number of slots in each pool, for one event loop.
struct SlotLimits: Sendable {
    /// Limits by index of the backend.
    var backends: [ConcurrencyLimits]
    var routes = BackendRoutes.single
    /// Slots for requests to the daemon itself, and as many for methods of the protocol.
    var others: Int

    subscript(pool: SlotPool) -> Int {
        switch pool {
        case .backend(let backend, let requestClass): backends[backend.index][requestClass]
        case .sidecar, .rpc: others
        }
    }

    /// Returns the pool that requests of a method take their slots from.
    func pool(of method: Method) -> SlotPool {
        guard let requestClass = RequestClass.of(method), let backend = routes[method] else {
            return method.descriptor.service == "Sidecar" ? .sidecar : .rpc
        }
        return .backend(backend, requestClass)
    }
}

extension RequestClass {
    /// Returns the class of a method; nil for methods that no backend serves.
    static func of(_ method: Method) -> Self? { all[method.index] }

    /// Classes by method index.
    private static let all = Method.allCases.map { method -> Self? in
        let descriptor = method.descriptor
        return switch (descriptor.service, descriptor.limitClass) {
        case ("Sidecar", _), ("rpc", _), (_, .unlimited): nil
        case (_, .read): descriptor.pagination == nil ? .read : .list
        case (_, .write): .write
        }
    }
}
