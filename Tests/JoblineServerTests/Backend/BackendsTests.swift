import JoblineBackend
import JoblineProtocol
import Testing

@Suite struct BackendsTests {
    private static let services = ProvidedServices(
        comprehendMedical: ScriptedServices(gates: Gates()), personalize: UnusedServices(),
        entityResolution: UnusedServices())

    private let first = ScriptedBackend(
        "first", services: services, families: [.rxNormInference],
        storeStatistics: .init(
            waitingWrites: 1, writes: 2, commits: 3, failedCommits: 4, lastCommitMicroseconds: 5))
    private let second = ScriptedBackend("second", services: services, families: [.matching])

    @Test("One backend serves all services")
    func one() throws {
        let backends = try Backends(first)
        #expect(backends.all.map(\.name) == ["first"])
        #expect(backends.names.values.allSatisfy { $0 == "first" })
        for method in JoblineProtocol.Method.allCases {
            let isJobMethod = JobFamily.Service(rawValue: String(method.descriptor.service)) != nil
            #expect(backends.routes[method] == (isJobMethod ? BackendID(0) : nil))
        }
    }

    @Test("Several backends are merged, each one once and in the order of the services")
    func several() async throws {
        let backends = try Backends { $0 == .personalize ? second : first }
        #expect(backends.all.map(\.name) == ["first", "second"])
        #expect(
            backends.names == ["ComprehendMedical": "first", "Personalize": "second", "EntityResolution": "first"])
        #expect(backends.routes[.personalizeDescribeBatchInferenceJob] == BackendID(1))
        #expect(backends.routes[.entityResolutionGetMatchingJob] == BackendID(0))
        #expect(backends.healthChecks.map(\.name) == ["first", "second"])
        #expect(try await backends.familyStatus().map(\.family) == ["RxNormInference", "Matching"])
        #expect(backends.storeStatistics.failedCommits == 4)
        #expect(backends.storeStatistics.lastCommitMicroseconds == 5)
    }

    @Test("A service whose backend does not implement it is an error")
    func unserved() {
        let empty = ScriptedBackend("empty", services: ProvidedServices())
        #expect(throws: Backends.UnservedService.self) { try Backends { $0 == .entityResolution ? empty : first } }
    }
}
