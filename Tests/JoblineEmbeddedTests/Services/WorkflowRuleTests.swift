import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Workflow rules, embedded", .timeLimit(.minutes(1)))
struct WorkflowRuleTests {
    private static let properties = EntityResolution.ProviderProperties(
        providerServiceARN: "arn:aws:entityresolution:eu-central-1::providerservice/a/b")
    private static let conditions = EntityResolution.RuleConditionProperties(
        rules: [.init(ruleName: "name", condition: "Exact(name)")])
    private static let profiles = EntityResolution.CustomerProfilesIntegrationConfig(
        domainARN: "arn:aws:profile:eu-central-1:123456789012:domains/shop",
        objectTypeARN: "arn:aws:profile:eu-central-1:123456789012:domains/shop/object-types/buyer")

    private let bench: Bench

    init() throws {
        bench = try Bench(scripts: [.matching: "mkdir -p success; echo 1 > success/part.csv", .idMapping: "cat > told"])
        try bench.sandbox.write("id,name\n1,Ann\n", to: "state/tables/crm/people/part.csv")
        try bench.sandbox.write(Bench.peopleSchema, to: "state/schemas/people.json")
    }

    // MARK: Matching

    private func create(
        _ techniques: EntityResolution.ResolutionTechniques, _ incremental: EntityResolution.IncrementalRunConfig? = nil
    ) async throws -> ServiceError? {
        let backend = try bench.open()
        var request = bench.matchingWorkflow("w")
        request.resolutionTechniques = techniques
        request.incrementalRunConfig = incremental
        let refused = await refusal { [request] in
            try await backend.entityResolution.createMatchingWorkflow(request, context: bench.context)
        }
        // The same rules apply to an update.
        try await bench.createMatchingWorkflow(backend, "updated")
        let notUpdated = await refusal { [request] in
            try await backend.entityResolution.updateMatchingWorkflow(
                .init(
                    workflowName: "updated", inputSourceConfig: request.inputSourceConfig,
                    outputSourceConfig: request.outputSourceConfig, resolutionTechniques: techniques,
                    roleARN: request.roleARN, incrementalRunConfig: incremental), context: bench.context)
        }
        #expect(notUpdated?.path == refused?.path)
        #expect(notUpdated?.message == refused?.message)
        for name in ["w", "updated"] {
            _ = try await backend.entityResolution.deleteMatchingWorkflow(
                .init(workflowName: name), context: bench.context)
        }
        return refused
    }

    @Test(
        "Complete techniques are accepted",
        arguments: [
            EntityResolution.ResolutionTechniques(resolutionType: .mlMatching),
            .init(resolutionType: .provider, providerProperties: properties),
            .init(resolutionType: .ruleMatching, ruleConditionProperties: conditions),
        ])
    func accepted(_ techniques: EntityResolution.ResolutionTechniques) async throws {
        #expect(try await create(techniques) == nil)
    }

    @Test("Rule matching requires rules, and a provider its properties")
    func techniques() async throws {
        let rules = try await create(.init(resolutionType: .ruleMatching))
        #expect(rules?.code == .invalid && rules?.path == "resolutionTechniques")
        let conditions = try await create(.init(resolutionType: .ruleMatching, providerProperties: Self.properties))
        #expect(conditions?.code == .invalid && conditions?.path == "resolutionTechniques")
        let provider = try await create(.init(resolutionType: .provider, ruleConditionProperties: Self.conditions))
        #expect(provider?.code == .invalid && provider?.path == "resolutionTechniques.providerProperties")
    }

    @Test("Incremental runs require rule matching, and automatic starts are refused")
    func incremental() async throws {
        let machine = EntityResolution.ResolutionTechniques(resolutionType: .mlMatching)
        let provider = EntityResolution.ResolutionTechniques(
            resolutionType: .provider, providerProperties: Self.properties)
        for (techniques, type) in [(machine, "ML_MATCHING"), (provider, "PROVIDER")] {
            for config in [EntityResolution.IncrementalRunConfig(), .init(incrementalRunType: .immediate)] {
                let error = try await create(techniques, config)
                #expect(error?.code == .invalid && error?.path == "incrementalRunConfig")
                #expect(error?.message.contains(type) == true)
            }
        }
        let rules = EntityResolution.ResolutionTechniques(
            resolutionType: .ruleMatching, ruleConditionProperties: Self.conditions)
        let immediate = try await create(rules, .init(incrementalRunType: .immediate))
        #expect(immediate?.code == .invalid && immediate?.path == "incrementalRunConfig.incrementalRunType")
        #expect(immediate?.message.hasPrefix("IMMEDIATE is not supported") == true)
        #expect(try await create(rules, .init()) == nil)
    }

    @Test("A workflow with Customer Profiles needs no path; its jobs write to a folder of the object type")
    func profiles() async throws {
        for path in [nil, ""] {
            try await bench.run { backend in
                let name = path == nil ? "absent" : "empty"
                var request = bench.matchingWorkflow(name)
                request.outputSourceConfig = [
                    .init(
                        output: [.init(name: "name")], outputS3Path: path,
                        customerProfilesIntegrationConfig: Self.profiles)
                ]
                let made = try await backend.entityResolution.createMatchingWorkflow(request, context: bench.context)
                #expect(made.outputSourceConfig == request.outputSourceConfig)
                let id = try await bench.matchingJob(backend, name)
                let job = try await backend.entityResolution.getMatchingJob(
                    .init(workflowName: name, jobID: id), context: bench.context)
                #expect(job.status == .succeeded)
                #expect(job.outputSourceConfig == nil)
                let folder = "state/buckets/customer-profiles/shop/object-types/buyer/\(id)"
                #expect(bench.sandbox.read(folder + "/success/part.csv") == "1\n")
            }
        }
    }

    @Test("A path has precedence over Customer Profiles")
    func pathAndProfiles() async throws {
        try await bench.run { backend in
            var request = bench.matchingWorkflow("both")
            request.outputSourceConfig[0].customerProfilesIntegrationConfig = Self.profiles
            _ = try await backend.entityResolution.createMatchingWorkflow(request, context: bench.context)
            let id = try await bench.matchingJob(backend, "both")
            #expect(bench.sandbox.read("state/buckets/matches/people/\(id)/success/part.csv") == "1\n")
            #expect(!bench.sandbox.exists("state/buckets/customer-profiles"))
        }
    }

    // MARK: ID mapping

    @Test("Rule-based ID mapping requires rule properties, and a provider its properties")
    func idMapping() async throws {
        let backend = try bench.open()
        let cases: [(EntityResolution.IdMappingTechniques, String?)] = [
            (.init(idMappingType: .ruleBased), "idMappingTechniques.ruleBasedProperties"),
            (.init(idMappingType: .provider), "idMappingTechniques.providerProperties"),
            (.init(idMappingType: .provider, providerProperties: Self.properties), nil),
        ]
        try await bench.createIDMappingWorkflow(backend, "updated")
        for (techniques, path) in cases {
            var request = bench.idMappingWorkflow("w")
            request.idMappingTechniques = techniques
            let refused = await refusal { [request] in
                try await backend.entityResolution.createIDMappingWorkflow(request, context: bench.context)
            }
            #expect(refused?.path == path && refused?.code == (path == nil ? nil : .invalid))
            let notUpdated = await refusal { [request] in
                try await backend.entityResolution.updateIDMappingWorkflow(
                    .init(
                        workflowName: "updated", inputSourceConfig: request.inputSourceConfig,
                        idMappingTechniques: techniques), context: bench.context)
            }
            #expect(notUpdated?.path == path)
        }
    }

    @Test(
        "A job without a type is INCREMENTAL if the workflow has an incremental configuration, and BATCH otherwise",
        arguments: [
            (nil, nil, EntityResolution.JobType.batch), (.init(), nil, .incremental),
            (.init(incrementalRunType: .onDemand), nil, .incremental),
            (.init(incrementalRunType: .onDemand), .batch, .batch), (nil, .deleteOnly, .deleteOnly),
        ] as [(EntityResolution.IdMappingIncrementalRunConfig?, EntityResolution.JobType?, EntityResolution.JobType)])
    func jobType(
        _ config: EntityResolution.IdMappingIncrementalRunConfig?, _ asked: EntityResolution.JobType?,
        _ expected: EntityResolution.JobType
    ) async throws {
        try await bench.run { backend in
            let services = backend.entityResolution
            var request = bench.idMappingWorkflow("people")
            request.incrementalRunConfig = config
            _ = try await services.createIDMappingWorkflow(request, context: bench.context)
            let started = try await services.startIDMappingJob(
                .init(workflowName: "people", jobType: asked), context: bench.context)
            #expect(started.jobType == expected)
            let job = try await backend.ended(started.jobID, hasEnded: { $0.endTime != nil }) {
                try await services.getIDMappingJob(
                    .init(workflowName: "people", jobID: started.jobID), context: bench.context)
            }
            #expect(job.jobType == expected)
            // The executor gets the type, chosen or default.
            let told = bench.sandbox.read("state/buckets/maps/people/\(started.jobID)/told")
            #expect(told?.contains(#""jobType":"\#(expected.rawValue)""#) == true)
        }
    }

    // MARK: Quotas and tags

    @Test("The quota of each kind of workflow is 10 by default")
    func quota() async throws {
        try await defaultQuota()
        var configuration = bench.configuration
        configuration.matchingWorkflows = 11
        let backend = try bench.open(configuration)
        try await bench.createMatchingWorkflow(backend, "w12")
        #expect(await refusal { try await bench.createMatchingWorkflow(backend, "w13") }?.quotaValue == 11)
        #expect(await refusal { try await bench.createIDMappingWorkflow(backend, "w11") }?.quotaValue == 10)
    }

    private func defaultQuota() async throws {
        let backend = try bench.open()
        for number in 1...10 {
            try await bench.createMatchingWorkflow(backend, "w\(number)")
            try await bench.createIDMappingWorkflow(backend, "w\(number)")
        }
        let matching = await refusal { try await bench.createMatchingWorkflow(backend, "w11") }
        #expect(matching?.code == .quota)
        #expect(matching?.quotaName == "Matching workflows" && matching?.quotaValue == 10)
        let idMapping = await refusal { try await bench.createIDMappingWorkflow(backend, "w11") }
        #expect(idMapping?.code == .quota)
        #expect(idMapping?.quotaName == "ID mapping workflows" && idMapping?.quotaValue == 10)
        // The error of a taken name has precedence.
        #expect(await refusal { try await bench.createMatchingWorkflow(backend, "w1") }?.code == .alreadyExists)
        // A deleted workflow frees its place.
        _ = try await backend.entityResolution.deleteMatchingWorkflow(
            .init(workflowName: "w1"), context: bench.context)
        try await bench.createMatchingWorkflow(backend, "w11")
    }

    @Test(
        "Tags with a reserved key are refused, in any letter case",
        arguments: ["aws:x", "AWS:x", "aWs:", "aws:\u{301}"])
    func tags(_ key: String) async throws {
        let backend = try bench.open()
        var matching = bench.matchingWorkflow("w")
        matching.tags = ["team": "aws:x", key: "x"]
        var idMapping = bench.idMappingWorkflow("w")
        idMapping.tags = matching.tags
        let errors = [
            await refusal { [matching] in
                try await backend.entityResolution.createMatchingWorkflow(matching, context: bench.context)
            },
            await refusal { [idMapping] in
                try await backend.entityResolution.createIDMappingWorkflow(idMapping, context: bench.context)
            },
        ]
        for error in errors { #expect(error?.code == .invalid && error?.path == "tags") }
    }
}
