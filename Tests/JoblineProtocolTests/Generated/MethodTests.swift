import Testing

@testable import JoblineProtocol

@Suite("Methods of the contract")
struct MethodTests {
    @Test("A method is found only by its exact wire name")
    func names() {
        #expect(
            Method(rawValue: "ComprehendMedical.DescribeSNOMEDCTInferenceJob")
                == .comprehendMedicalDescribeSNOMEDCTInferenceJob)
        #expect(Method(rawValue: "rpc.ping") == .rpcPing)
        #expect(Method(rawValue: "RPC.ping") == nil)
        #expect(Method(rawValue: "ComprehendMedical.Describe{Family}Job") == nil)
    }

    @Test("Each descriptor has the name of its method", arguments: Method.allCases)
    func descriptors(method: Method) {
        let descriptor = method.descriptor
        #expect(descriptor.name == method.rawValue)
        #expect(!descriptor.summary.contains("{"))
        #expect(descriptor.errorTypes.invalid != nil)
        #expect(descriptor.errorTypes.throttled != nil)
        #expect(descriptor.errorTypes.unavailable == "ServiceUnavailableException")
        #expect(descriptor.service == method.rawValue.prefix { $0 != "." })
    }

    @Test("Descriptors have the rate limit class and the retry rule")
    func retry() {
        let expected: [Method: (MethodDescriptor.LimitClass, MethodDescriptor.RetrySafety)] = [
            .comprehendMedicalStartRxNormInferenceJob: (.write, .token),
            .comprehendMedicalStopRxNormInferenceJob: (.write, .idempotent),
            .comprehendMedicalDescribeRxNormInferenceJob: (.read, .readonly),
            .personalizeCreateBatchSegmentJob: (.write, .name),
            .entityResolutionCreateMatchingWorkflow: (.write, .name),
            .entityResolutionStartMatchingJob: (.write, .never),
            .entityResolutionGetMatchingJob: (.read, .readonly),
            .sidecarGetInfo: (.read, .readonly),
            .rpcHello: (.unlimited, .readonly),
            .rpcPing: (.unlimited, .readonly),
            .rpcCancel: (.unlimited, .idempotent),
            .rpcDiscover: (.read, .readonly),
        ]
        for (method, (limit, retry)) in expected {
            #expect(method.descriptor.limitClass == limit, "\(method.rawValue)")
            #expect(method.descriptor.retrySafety == retry, "\(method.rawValue)")
        }
    }

    @Test("Each service has its own error types")
    func errors() {
        let start = Method.comprehendMedicalStartRxNormInferenceJob.descriptor.errorTypes
        let lists = Method.comprehendMedicalListRxNormInferenceJobs.descriptor
        let list = lists.errorTypes
        #expect(start.invalid == "InvalidRequestException")
        #expect(list.invalid == "InvalidRequestException")
        #expect(lists.invalidType(at: nil) == "InvalidRequestException")
        #expect(lists.invalidType(at: "MaxResults") == "InvalidRequestException")
        #expect(lists.invalidType(at: "FilterX") == "InvalidRequestException")
        #expect(lists.invalidType(at: "Filter") == "ValidationException")
        #expect(lists.invalidType(at: "Filter.JobName") == "ValidationException")
        #expect(list.invalidToken == "InvalidRequestException")
        let segments = Method.personalizeListBatchSegmentJobs.descriptor.errorTypes
        #expect(segments.invalidToken == "InvalidNextTokenException")
        #expect(segments.quota == "LimitExceededException")
        let matching = Method.entityResolutionStartMatchingJob.descriptor.errorTypes
        #expect(matching.throttled == "ThrottlingException")
        #expect(matching.quota == "ExceedsLimitException")
    }

    @Test("Only lists have pagination")
    func pagination() {
        let paged = Method.allCases.filter { $0.descriptor.pagination != nil }
        #expect(paged == Method.allCases.filter { $0.rawValue.contains(".List") })
        #expect(Method.entityResolutionListMatchingJobs.descriptor.pagination?.items == "jobs")
    }
}
