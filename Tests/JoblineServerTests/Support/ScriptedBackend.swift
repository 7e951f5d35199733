import JoblineBackend
import JoblineProtocol

/// Backend over scripted jobs and records.
final class ScriptedBackend: Backend {
    let name: String
    let services: ProvidedServices
    let jobs: ScriptedJobs
    let records = ScriptedRecords()
    let concurrencyLimits: ConcurrencyLimits
    let storeStatistics: Sidecar.StoreStatistics?
    private let families: [JobFamily]

    init(
        _ name: String, services: ProvidedServices, families: [JobFamily] = [], gates: Gates? = nil,
        concurrencyLimits: ConcurrencyLimits = ConcurrencyLimits(), storeStatistics: Sidecar.StoreStatistics? = nil
    ) {
        self.name = name
        self.services = services
        self.families = families
        self.concurrencyLimits = concurrencyLimits
        self.storeStatistics = storeStatistics
        jobs = ScriptedJobs(gates: gates)
    }

    var healthChecks: [BackendHealthCheck] {
        [BackendHealthCheck(name) { [name] in Sidecar.HealthCheck(name: name, ok: true) }]
    }

    func familyStatus() async throws -> [Sidecar.FamilyInfo] {
        families.map {
            Sidecar.FamilyInfo(
                service: $0.service.rawValue, family: $0.rawValue, configured: true, running: 0, waiting: 0)
        }
    }

    func run() async throws {}
    func drain() {}
    func close() {}

    func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot] { try await self.jobs.snapshots(of: jobs) }
    func observe(_ observer: @escaping @Sendable (JobReference) -> Void) { jobs.observe(observer) }
    func observeRecords(_ observer: any RecordObserver) { records.observeRecords(observer) }
    var now: @Sendable () -> Timestamp { records.now }
}
