package import JoblineProtocol

/// Implementation of one or more services: their operations, their jobs, and the records that their results depend on.
///
/// The daemon runs each backend from its start to the end of the drain. Services answer from the moment the backend exists;
/// ``run()`` is for its work in the background.
package protocol Backend: JobSource, RecordSource, AnyObject {
    /// Name that `rpc.hello` and `Sidecar.GetInfo` report, such as `embedded`.
    var name: String { get }

    /// Operations of the services that the backend implements.
    var services: ProvidedServices { get }

    /// Maximum numbers of concurrent requests. Cache hits do not count: they never reach the backend.
    var concurrencyLimits: ConcurrencyLimits { get }

    /// Health checks, in a fixed order.
    var healthChecks: [BackendHealthCheck] { get }

    /// Counters of the backend's store; nil if it has none.
    var storeStatistics: Sidecar.StoreStatistics? { get }

    /// Returns the state of each family that the backend serves.
    ///
    /// - Throws: If the backend cannot read it. Success proves that the backend works.
    func familyStatus() async throws -> [Sidecar.FamilyInfo]

    /// Works in the background until ``drain()`` is called or the task is cancelled.
    func run() async throws

    /// Begins the drain: running work ends in order, then ``run()`` returns. Returns at once.
    func drain()

    /// Releases the backend's files after ``run()`` has returned. Services fail from then on.
    func close()
}

/// Operations of the services that one backend implements.
package struct ProvidedServices: Sendable {
    package var comprehendMedical: (any ComprehendMedicalService)?
    package var personalize: (any PersonalizeService)?
    package var entityResolution: (any EntityResolutionService)?

    package init(
        comprehendMedical: (any ComprehendMedicalService)? = nil, personalize: (any PersonalizeService)? = nil,
        entityResolution: (any EntityResolutionService)? = nil
    ) {
        self.comprehendMedical = comprehendMedical
        self.personalize = personalize
        self.entityResolution = entityResolution
    }
}

/// Health check of one part of a backend.
package struct BackendHealthCheck: Sendable {
    /// Name of the check in `Sidecar.GetHealth`; unique among all backends.
    package let name: String
    /// Runs the check. It can take as long as the part takes to respond: callers set a timeout.
    package let run: @Sendable () async -> Sidecar.HealthCheck

    package init(_ name: String, _ run: @escaping @Sendable () async -> Sidecar.HealthCheck) {
        self.name = name
        self.run = run
    }
}
