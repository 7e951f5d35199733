package import JoblineProtocol

/// Number of a backend among those of one daemon.
package struct BackendID: Sendable, Hashable {
    /// Index of the backend in ``Backends/all``.
    package let index: Int

    package init(_ index: Int) { self.index = index }
}

/// Backend of each service.
package struct BackendRoutes: Sendable, Hashable {
    /// Backends by method index; nil for methods that no backend serves.
    private let backends: [BackendID?]

    /// - Parameter backend: Returns the backend of a service.
    package init(_ backend: (JobFamily.Service) -> BackendID) {
        backends = Method.allCases.map { method in
            JobFamily.Service(rawValue: String(method.descriptor.service)).map(backend)
        }
    }

    /// Routes of a daemon with one backend for all services.
    package static let single = BackendRoutes { _ in BackendID(0) }

    /// Backend of a method; nil for methods of the protocol and of the daemon itself.
    package subscript(method: Method) -> BackendID? { backends[method.index] }
}
