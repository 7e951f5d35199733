import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct LimitConfigurationTests {
    @Test("Both profiles are valid", arguments: LimitConfiguration.Profile.allCases)
    func profiles(profile: LimitConfiguration.Profile) throws {
        let limits = try LimitConfiguration(profile: profile).resolve()
        #expect(limits.clientRead != nil)
        #expect(limits.clientWrite != nil)
        #expect(!limits.shadow)
    }

    @Test("The profile aws has the published quotas of each operation")
    func published() {
        let entries = LimitConfiguration(profile: .aws).entries
        let quotas = Dictionary(
            uniqueKeysWithValues: entries.filter { $0.scope == .method }.map { ($0.key, $0.rate.perSecond) })
        #expect(quotas["ComprehendMedical.StartRxNormInferenceJob"] == 5)
        #expect(quotas["ComprehendMedical.StopSNOMEDCTInferenceJob"] == 5)
        #expect(quotas["ComprehendMedical.DescribeEntitiesDetectionV2Job"] == 10)
        #expect(quotas["ComprehendMedical.ListSNOMEDCTInferenceJobs"] == 10)
        #expect(quotas["EntityResolution.CreateMatchingWorkflow"] == 5)
        #expect(quotas["EntityResolution.GetMatchingWorkflow"] == 5)
        #expect(quotas["EntityResolution.StartMatchingJob"] == nil)
        #expect(quotas["Personalize.DescribeBatchSegmentJob"] == nil)
    }

    @Test("Configured limits replace those of the profile")
    func replaces() throws {
        let name = "ComprehendMedical.StartRxNormInferenceJob"
        let rate = LimitConfiguration.Rate(perSecond: 1, burst: 2)
        let configuration = LimitConfiguration(
            profile: .aws, shadow: true, clientWrite: rate, methods: [name: rate], services: ["Personalize": rate])
        let limits = try configuration.resolve()
        let expected = try #require(GCRA.Rate(perSecond: 1, burst: 2))
        #expect(limits.shadow)
        #expect(limits.clientWrite == expected)
        #expect(limits.methods[.comprehendMedicalStartRxNormInferenceJob] == expected)
        #expect(limits.services == ["Personalize": expected])
        #expect(configuration.entries.first { $0.key == name }?.rate == rate)
    }

    @Test("An error names the unknown name or the number out of range")
    func refused() {
        let one = LimitConfiguration.Rate(perSecond: 1, burst: 1)
        let cases: [(LimitConfiguration, String, LimitConfigurationError.Code)] = [
            (.init(methods: ["ComprehendMedical.Nonsense": one]), "ComprehendMedical.Nonsense", .unknownName),
            (.init(services: ["Nonsense": one]), "Nonsense", .unknownName),
            (.init(methods: ["rpc.ping": one]), "rpc.ping", .unlimited),
            (.init(clientRead: .init(perSecond: 0, burst: 1)), "read", .rate),
            (.init(clientWrite: .init(perSecond: 1, burst: 0)), "write", .rate),
            (.init(services: ["Personalize": .init(perSecond: -1, burst: 1)]), "Personalize", .rate),
        ]
        for (configuration, key, code) in cases {
            let error = #expect(throws: LimitConfigurationError.self) { try configuration.resolve() }
            #expect(error?.key == key)
            #expect(error?.code == code)
            #expect(error?.message.contains(key) == true)
        }
    }
}
