package import JoblineProtocol

/// Backends of a daemon, one for each service. One backend can serve several services.
package struct Backends: Sendable {
    /// A service is assigned to a backend that does not implement it, or to none.
    package struct UnservedService: Error, Sendable, CustomStringConvertible {
        package let service: JobFamily.Service

        package var description: String { "no backend implements \(service.rawValue)" }
    }

    /// Backends, each one once.
    package let all: [any Backend]
    package let routes: BackendRoutes
    /// Jobs of all backends.
    package let jobs: any JobSource
    package let comprehendMedical: any ComprehendMedicalService
    package let personalize: any PersonalizeService
    package let entityResolution: any EntityResolutionService
    /// Name of the backend of each service.
    package let names: [String: String]

    /// - Parameter backend: Returns the backend of a service.
    package init(_ backend: (JobFamily.Service) -> any Backend) throws(UnservedService) {
        var all: [any Backend] = []
        var indices: [JobFamily.Service: Int] = [:]
        var names: [String: String] = [:]
        for service in JobFamily.Service.allCases {
            let backend = backend(service)
            names[service.rawValue] = backend.name
            if let index = all.firstIndex(where: { $0 === backend }) {
                indices[service] = index
            } else {
                indices[service] = all.count
                all.append(backend)
            }
        }
        func services(_ service: JobFamily.Service) -> ProvidedServices { all[indices[service, default: 0]].services }
        guard let comprehendMedical = services(.comprehendMedical).comprehendMedical else {
            throw UnservedService(service: .comprehendMedical)
        }
        guard let personalize = services(.personalize).personalize else {
            throw UnservedService(service: .personalize)
        }
        guard let entityResolution = services(.entityResolution).entityResolution else {
            throw UnservedService(service: .entityResolution)
        }
        self.all = all
        self.names = names
        self.comprehendMedical = comprehendMedical
        self.personalize = personalize
        self.entityResolution = entityResolution
        routes = BackendRoutes { BackendID(indices[$0, default: 0]) }
        jobs = JobRouter(all) { indices[$0.service, default: 0] }
    }

    /// - Parameter backend: Backend of all services.
    package init(_ backend: any Backend) throws(UnservedService) { try self.init { _ in backend } }

    /// Concurrency limits, by index of the backend.
    package var concurrencyLimits: [ConcurrencyLimits] { all.map(\.concurrencyLimits) }

    /// Health checks of all backends.
    package var healthChecks: [BackendHealthCheck] { all.flatMap(\.healthChecks) }

    /// Sum of the counters of all stores, and the duration of the slowest last commit.
    package var storeStatistics: Sidecar.StoreStatistics {
        let none = Sidecar.StoreStatistics(waitingWrites: 0, writes: 0, commits: 0, failedCommits: 0)
        return all.compactMap(\.storeStatistics).reduce(none) { sum, store in
            Sidecar.StoreStatistics(
                waitingWrites: sum.waitingWrites + store.waitingWrites, writes: sum.writes + store.writes,
                commits: sum.commits + store.commits, failedCommits: sum.failedCommits + store.failedCommits,
                lastCommitMicroseconds: [sum.lastCommitMicroseconds, store.lastCommitMicroseconds].compactMap(\.self)
                    .max())
        }
    }

    /// Returns the state of every family. Asks the backends concurrently.
    package func familyStatus() async throws -> [Sidecar.FamilyInfo] {
        try await all.concurrentMap { try await $0.familyStatus() }.flatMap(\.self)
    }
}

extension Array where Element: Sendable {
    /// Returns the results in the order of the elements. A failure cancels the other calls.
    func concurrentMap<Result: Sendable>(
        _ transform: @escaping @Sendable (Element) async throws -> Result
    ) async throws -> [Result] {
        if count == 1 { return [try await transform(self[0])] }
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, element) in enumerated() { group.addTask { (index, try await transform(element)) } }
            var results = [Result?](repeating: nil, count: count)
            for try await (index, result) in group { results[index] = result }
            return results.compactMap(\.self)
        }
    }
}
