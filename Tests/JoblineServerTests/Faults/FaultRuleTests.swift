import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct FaultRuleTests {
    /// A rule of the name `r` that can be changed.
    static func rule(_ methods: String, _ change: (inout FaultRule) -> Void = { _ in }) -> FaultRule {
        var rule = FaultRule(name: "r", methods: methods)
        change(&rule)
        return rule
    }

    static func resolve(_ rule: FaultRule) throws(ServerError) -> [String: Fault] {
        Dictionary(uniqueKeysWithValues: try rule.resolve().map { ($0.key.rawValue, $0.value) })
    }

    @Test("A pattern is the name of a method, or a prefix of names")
    func matching() throws {
        let methods = { (pattern: String) throws in
            try Self.resolve(Self.rule(pattern) { $0.throttle = true }).keys.sorted()
        }
        #expect(try methods("Personalize.ListBatchSegmentJobs") == ["Personalize.ListBatchSegmentJobs"])
        let described = try methods("ComprehendMedical.Describe*")
        #expect(described.contains("ComprehendMedical.DescribeRxNormInferenceJob"))
        #expect(described.allSatisfy { $0.hasPrefix("ComprehendMedical.Describe") })
        let services = Method.allCases.map(\.rawValue).filter { !$0.hasPrefix("rpc.") && !$0.hasPrefix("Sidecar.") }
        #expect(try methods("*") == services.sorted())
    }

    @Test(
        "A pattern without a method is invalid, and so is a service that is exempt from faults",
        arguments: [
            "", "Personalize", "personalize.List*", "Personalize.*Jobs", "Personalize.List", "rpc.*", "rpc.ping",
            "Sidecar.GetInfo",
        ])
    func noMethod(pattern: String) {
        let error = #expect(throws: ServerError.self) { try Self.rule(pattern) { $0.throttle = true }.resolve() }
        #expect(error?.message.hasPrefix("faults.r.methods: expected a method") == true)
        #expect(error?.message.hasSuffix("found \"\(pattern)\"") == true)
    }

    @Test(
        "A quota error names its quota, as the services do",
        arguments: [
            ("EntityResolution.CreateMatchingWorkflow", "ExceedsLimitException"),
            ("Personalize.CreateBatchSegmentJob", "LimitExceededException"),
        ])
    func quota(method: String, name: String) throws {
        var expected = WireError(.conflict, "injected by faults.r", type: name, retryable: false, processed: false)
        expected.quotaName = "injected"
        expected.quotaValue = 0
        #expect(try Self.resolve(Self.rule(method) { $0.error = name })[method]?.failure == expected)
    }

    @Test(
        "A rule answers with the service's error of that name",
        arguments: [
            ("ComprehendMedical.StopRxNormInferenceJob", "InvalidRequestException", WireError.Code.refused, false),
            ("ComprehendMedical.ListRxNormInferenceJobs", "ValidationException", .refused, false),
            ("ComprehendMedical.DescribeRxNormInferenceJob", "ResourceNotFoundException", .notFound, false),
            ("ComprehendMedical.DescribeRxNormInferenceJob", "InternalServerException", .internalError, true),
            ("ComprehendMedical.DescribeRxNormInferenceJob", "AccessDeniedException", .forbidden, false),
            ("EntityResolution.CreateMatchingWorkflow", "ConflictException", .conflict, false),
            ("Personalize.CreateBatchSegmentJob", "ResourceAlreadyExistsException", .conflict, false),
            ("Personalize.CreateBatchSegmentJob", "TooManyTagsException", .refused, false),
            ("Personalize.ListBatchSegmentJobs", "InvalidNextTokenException", .refused, false),
            ("Personalize.ListBatchSegmentJobs", "ServiceUnavailableException", .unavailable, true),
        ])
    func namedError(method: String, name: String, code: WireError.Code, retryable: Bool) throws {
        let failure = try Self.resolve(Self.rule(method) { $0.error = name })[method]?.failure
        var expected = WireError(code, "injected by faults.r", type: name, retryable: retryable, processed: false)
        #expect(failure == expected)
        expected.message = "another"
        #expect(failure != expected)
    }

    @Test("A rule skips methods that do not have its error")
    func partlyPossible() throws {
        let methods = try Self.resolve(Self.rule("*") { $0.error = "ResourceInUseException" }).keys
        #expect(methods.contains("Personalize.CreateBatchSegmentJob"))
        #expect(!methods.contains("Personalize.ListBatchSegmentJobs"))
        #expect(methods.allSatisfy { $0.hasPrefix("Personalize.") })
    }

    @Test("A throttled call has the service's own type and the advice")
    func throttle() throws {
        let method = "EntityResolution.GetMatchingJob"
        var expected = WireError(
            .tooManyRequests, "injected by faults.r", type: "ThrottlingException", retryable: true, processed: false)
        expected.scope = "fault"
        expected.retryAfterMilliseconds = 100
        #expect(try Self.resolve(Self.rule(method) { $0.throttle = true })[method]?.failure == expected)
        #expect(try Self.resolve(Self.rule(method) { $0.error = "ThrottlingException" })[method]?.failure == expected)

        let advised = Self.rule(method) { ($0.throttle, $0.retryAfterMilliseconds) = (true, 7) }
        expected.retryAfterMilliseconds = 7
        #expect(try Self.resolve(advised)[method]?.failure == expected)

        let discouraged = Self.rule(method) { ($0.throttle, $0.retryAfterMilliseconds) = (true, -1) }
        expected.retryAfterMilliseconds = -1
        expected.retryable = false
        #expect(try Self.resolve(discouraged)[method]?.failure == expected)
    }

    static let contradictions: [(FaultRule, String)] = [
        (rule("*"), "faults.r: does nothing"),
        (rule("*") { ($0.throttle, $0.error) = (true, "InternalServerException") }, "faults.r.error: does not go with"),
        (rule("*") { ($0.delayMilliseconds, $0.retryAfterMilliseconds) = (1, 1) }, "faults.r.retryAfterMilliseconds: "),
        (rule("*") { ($0.throttle, $0.after) = (true, true) }, "faults.r.after: goes with error"),
        (rule("*") { ($0.name, $0.throttle) = ("a b", true) }, "faults.a b: a name is expected"),
        (rule("*") { ($0.name, $0.throttle) = ("", true) }, "a name is expected"),
        (
            rule("*") { ($0.name, $0.throttle) = (String(repeating: "n", count: 65), true) }, "a name is expected"
        ),
        (
            rule("Personalize.ListBatchSegmentJobs") { $0.error = "Oops" },
            "faults.r.error: Personalize.ListBatchSegmentJobs never answers with Oops, only with AccessDeniedException, "
                + "InternalServerException, InvalidInputException, InvalidNextTokenException, "
                + "ServiceUnavailableException, TooManyRequestsException"
        ),
        (
            rule("ComprehendMedical.Start*") { ($0.error, $0.after) = ("InvalidRequestException", true) },
            "faults.r.after: InvalidRequestException means that nothing was done; only InternalServerException, "
                + "ServiceUnavailableException can come after the call"
        ),
    ]

    @Test(
        "A rule that contradicts itself or the contract is invalid, and the error names what is expected",
        arguments: contradictions)
    func contradiction(rule: FaultRule, message: String) {
        let error = #expect(throws: ServerError.self) { try rule.resolve() }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("A rule describes its effect in words")
    func effect() {
        #expect(Self.rule("*") { $0.delayMilliseconds = 300 }.effect == "waits 300 ms")
        #expect(Self.rule("*") { $0.throttle = true }.effect == "throttles for 100 ms")
        #expect(
            Self.rule("*") { ($0.throttle, $0.retryAfterMilliseconds) = (true, -1) }.effect
                == "throttles and advises against a retry")
        let all = Self.rule("*") {
            ($0.delayMilliseconds, $0.error, $0.after) = (5, "InternalServerException", true)
        }
        #expect(all.effect == "waits 5 ms, then carries the call out, then answers InternalServerException")
    }
}
