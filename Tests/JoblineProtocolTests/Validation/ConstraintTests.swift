import Testing

@testable import JoblineProtocol

@Suite("Constraints of requests")
struct ConstraintTests {
    static let role = "arn:aws:iam::123456789012:role/reader"

    static func start(
        key: String? = nil, name: String? = nil, language: ComprehendMedical.LanguageCode = .en
    ) -> ComprehendMedical.StartJobRequest {
        ComprehendMedical.StartJobRequest(
            inputDataConfig: .init(s3Bucket: "notes", s3Key: key), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: role, languageCode: language, jobName: name)
    }

    static func workflow(
        inputs: Int = 1, rules: [EntityResolution.Rule] = [.init(ruleName: "name", matchingKeys: ["name"])],
        tags: [String: String]? = nil
    ) -> EntityResolution.CreateMatchingWorkflowRequest {
        let input = EntityResolution.InputSource(
            inputSourceARN: "arn:aws:glue:us-east-1:123456789012:table/clinic/patients", schemaName: "patients")
        return EntityResolution.CreateMatchingWorkflowRequest(
            workflowName: "people", inputSourceConfig: Array(repeating: input, count: inputs),
            outputSourceConfig: [.init(output: [.init(name: "name")], outputS3Path: "s3://results/people/")],
            resolutionTechniques: .init(
                resolutionType: .ruleMatching,
                ruleBasedProperties: .init(rules: rules, attributeMatchingModel: .oneToOne)),
            roleARN: role, tags: tags)
    }

    /// Returns the first violation.
    private func violation(_ request: some Constrained) -> ConstraintViolation? {
        do throws(ConstraintViolation) {
            try request.checkConstraints()
            return nil
        } catch {
            return error
        }
    }

    @Test("A valid request passes")
    func valid() {
        #expect(violation(Self.start(key: "in/", name: "Ward 7")) == nil)
        #expect(violation(Self.workflow(inputs: 20, tags: ["team": ""])) == nil)
        #expect(violation(RPC.PingRequest()) == nil)
    }

    @Test("A violation names the member")
    func member() {
        #expect(violation(Self.start(name: "")) == ConstraintViolation(path: "JobName", "length 0 is outside 1...256"))
        #expect(
            violation(EntityResolution.StartMatchingJobRequest(workflowName: "a b"))
                == ConstraintViolation(path: "workflowName", "has to match [a-zA-Z_0-9-]*"))
    }

    @Test("A violation has the path of a nested member")
    func nested() {
        #expect(
            violation(Self.start(key: "in//notes"))
                == ConstraintViolation(path: "InputDataConfig.S3Key", "must not contain //"))
        #expect(
            violation(ComprehendMedical.ListJobsRequest(filter: .init(jobName: "a\n")))?.path == "Filter.JobName")
    }

    @Test("A violation has the index of a list element")
    func element() {
        let rules = [
            EntityResolution.Rule(ruleName: "first", matchingKeys: ["name"]),
            EntityResolution.Rule(ruleName: "second", matchingKeys: ["name", "birth\tday"]),
        ]
        #expect(
            violation(Self.workflow(rules: rules))?.path
                == "resolutionTechniques.ruleBasedProperties.rules[1].matchingKeys[1]")
        #expect(
            violation(Self.workflow(rules: [.init(ruleName: "a.b", matchingKeys: [])]))?.path
                == "resolutionTechniques.ruleBasedProperties.rules[0].ruleName")
    }

    @Test("The number of elements of lists and maps is checked")
    func count() {
        #expect(
            violation(Self.workflow(inputs: 0))
                == ConstraintViolation(path: "inputSourceConfig", "length 0 is outside 1...20"))
        #expect(
            violation(Self.workflow(inputs: 21))
                == ConstraintViolation(path: "inputSourceConfig", "length 21 is outside 1...20"))
        let tags = Dictionary(uniqueKeysWithValues: (0...200).map { ("tag\($0)", "") })
        #expect(violation(Self.workflow(tags: tags))?.path == "tags")
    }

    @Test("The path and message of a violation do not contain keys of a map")
    func mapKeys() {
        #expect(
            violation(Self.workflow(tags: ["": "v"]))
                == ConstraintViolation(path: "tags", "a key: length 0 is outside 1...128"))
        let long = String(repeating: "v", count: 257)
        #expect(
            violation(Self.workflow(tags: ["patient": long]))
                == ConstraintViolation(path: "tags", "a value: length 257 is outside 0...256"))
    }

    @Test(
        "Ranges of numbers are checked for each service",
        arguments: [(0, false), (1, true), (25, true), (26, false), (100, false), (101, false), (500, false)])
    func range(maximum: Int, isFineForAll: Bool) {
        let comprehend = violation(ComprehendMedical.ListJobsRequest(maxResults: maximum))
        let personalize = violation(Personalize.ListBatchSegmentJobsRequest(maxResults: maximum))
        let entity = violation(EntityResolution.ListMatchingJobsRequest(workflowName: "people", maxResults: maximum))
        #expect((comprehend == nil) == (1...500).contains(maximum))
        #expect((personalize == nil) == (1...100).contains(maximum))
        #expect((entity == nil) == isFineForAll)
        #expect(entity.map { $0 == ConstraintViolation(path: "maxResults", "has to be in 1...25") } ?? true)
    }

    @Test("Requests must have known values of enumerations")
    func enumeration() {
        #expect(
            violation(Self.start(language: .init(rawValue: "de")))
                == ConstraintViolation(path: "LanguageCode", "has to be one of en"))
    }

    @Test("A filter can only have one member")
    func exclusive() {
        let both = ComprehendMedical.JobFilter(jobName: "a", jobStatus: .failed)
        #expect(
            violation(ComprehendMedical.ListJobsRequest(filter: both))
                == ConstraintViolation(
                    path: "Filter",
                    "only one of JobName, JobStatus, SubmitTimeBefore, SubmitTimeAfter may be given"))
        #expect(violation(ComprehendMedical.ListJobsRequest(filter: .init(jobStatus: .failed))) == nil)
        #expect(violation(ComprehendMedical.ListJobsRequest(filter: .init())) == nil)
    }

    @Test("Segment sizes are checked", arguments: [(0, false), (1, true), (5_000_000, true), (5_000_001, false)])
    func numResults(size: Int, isFine: Bool) {
        let place = Personalize.S3DataConfig(path: "s3://segments/items.json")
        let request = Personalize.CreateBatchSegmentJobRequest(
            jobName: "segment", solutionVersionARN: "arn:aws:personalize:us-east-1:123456789012:solution/a/b",
            jobInput: .init(s3DataSource: place), jobOutput: .init(s3DataDestination: place), roleARN: Self.role,
            numResults: size)
        #expect((violation(request) == nil) == isFine)
    }

    /// Request with a map from known words to bounded numbers.
    private struct Weights: Constrained {
        var weights: [String: Double]

        func checkConstraints() throws(ConstraintViolation) {
            try check("weights", keysOf: weights, known: EntityResolution.MatchPurpose.self)
            try check("weights", valuesOf: weights, in: 0...1)
        }
    }

    @Test("Keys and values of a map are checked")
    func mapOfNumbers() {
        #expect(violation(Weights(weights: ["INDEXING": 1, "IDENTIFIER_GENERATION": 0])) == nil)
        #expect(
            violation(Weights(weights: ["Doe": 1]))
                == ConstraintViolation(path: "weights", "a key: has to be one of IDENTIFIER_GENERATION, INDEXING"))
        #expect(
            violation(Weights(weights: ["INDEXING": 1.5]))
                == ConstraintViolation(path: "weights", "a value: has to be in 0.0...1.0"))
    }
}
