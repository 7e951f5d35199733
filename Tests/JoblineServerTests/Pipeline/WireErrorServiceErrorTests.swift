import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

@Suite struct WireErrorServiceErrorTests {
    private struct Secret: Error { let text = "aspirin" }

    @Test("Each code of a failure has its wire code, and each service has its own name for it")
    func kinds() {
        let describe = Method.comprehendMedicalDescribeRxNormInferenceJob
        let create = Method.personalizeCreateBatchSegmentJob
        let list = Method.personalizeListBatchSegmentJobs
        let match = Method.entityResolutionStartMatchingJob
        let cases: [(ServiceError.Code, Method, WireError.Code, String?, Bool)] = [
            (.invalid, describe, .refused, "InvalidRequestException", false),
            (.invalid, match, .refused, "ValidationException", false),
            (.invalid, create, .refused, "InvalidInputException", false),
            (.invalidToken, list, .refused, "InvalidNextTokenException", false),
            (.notFound, describe, .notFound, "ResourceNotFoundException", false),
            (.alreadyExists, create, .conflict, "ResourceAlreadyExistsException", false),
            (.conflict, match, .conflict, "ConflictException", false),
            (.quota, create, .conflict, "LimitExceededException", false),
            (.quota, match, .conflict, "ExceedsLimitException", false),
            (.accessDenied, match, .forbidden, "AccessDeniedException", false),
            (.failed, describe, .internalError, "InternalServerException", true),
        ]
        for (code, method, expected, type, retryable) in cases {
            let error = WireError(ServiceError(code, "this and that"), from: method)
            #expect(error.code == expected, "\(code) of \(method)")
            #expect(error.type == type, "\(code) of \(method)")
            #expect(error.retryable == retryable, "\(code) of \(method)")
            #expect(error.processed == false)
        }
    }

    @Test("A wire error has the member, the quota and the possible effect of the failure")
    func details() {
        let error = WireError(
            ServiceError(.quota, "5 jobs run", path: "jobName", quotaName: "jobs", quotaValue: 5, processed: true),
            from: .personalizeCreateBatchSegmentJob)
        #expect(error.message == "jobName: 5 jobs run")
        #expect(error.path == "jobName")
        #expect(error.quotaName == "jobs")
        #expect(error.quotaValue == 5)
        #expect(error.processed == nil)
    }

    @Test("Messages of the contract and of services name the invalid member in the same way")
    func member() {
        let list = Method.comprehendMedicalListRxNormInferenceJobs
        let byContract = list.invalidParams("has to be in 1...500", path: "MaxResults")
        let byService = WireError(ServiceError(.invalid, "has to be in 1...500", path: "MaxResults"), from: list)
        #expect(byContract.message == "MaxResults: has to be in 1...500")
        #expect(byService.message == byContract.message)
        #expect(byService.path == byContract.path)
        #expect(byService.type == byContract.type)
        #expect(WireError(ServiceError(.invalid, "too old"), from: list).message == "too old")
    }

    @Test("A refusal can have a type of its own")
    func ownType() {
        let error = WireError(
            ServiceError(.invalid, "no", type: "TooManyTagsException"), from: .personalizeCreateBatchSegmentJob)
        #expect(error.code == .refused)
        #expect(error.type == "TooManyTagsException")
    }

    @Test("A throttled request carries the exact advice and the exhausted budget")
    func throttled() {
        let error = ServiceError.throttled(
            "the account is over its rate", retryAfterMilliseconds: 117, scope: "upstream")
        let wire = WireError(error, from: .entityResolutionGetMatchingJob)
        #expect(wire.code == .tooManyRequests)
        #expect(wire.type == "ThrottlingException")
        #expect(wire.retryAfterMilliseconds == 117)
        #expect(wire.scope == "upstream")
        #expect(wire.retryable == true)
        #expect(wire.processed == false)
    }

    @Test(
        "A foreign error keeps its type, message and request id, and its HTTP status decides the code",
        arguments: [
            (400, WireError.Code.refused, false), (413, .refused, false), (401, .forbidden, false),
            (403, .forbidden, false), (404, .notFound, false), (409, .conflict, false), (429, .tooManyRequests, true),
            (500, .internalError, true), (502, .unavailable, true), (503, .unavailable, true),
            (504, .unavailable, true),
        ])
    func foreign(status: Int, code: WireError.Code, retryable: Bool) {
        let error = ServiceError.foreign(
            type: "OddException", "Something is odd.", httpStatus: status, requestID: "r-1", processed: true)
        let wire = WireError(error, from: .comprehendMedicalDescribeRxNormInferenceJob)
        #expect(wire.code == code)
        #expect(wire.retryable == retryable)
        #expect(wire.type == "OddException")
        #expect(wire.message == "Something is odd.")
        #expect(wire.serviceRequestID == "r-1")
        #expect(wire.processed == nil)
    }

    @Test("The text of an unknown error, of a failure and of a cause is not sent")
    func neutral() {
        let errors: [any Error] = [
            Secret(), ServiceError(.failed, "aspirin", cause: Secret()),
        ]
        for error in errors {
            let wire = WireError(error, from: .sidecarGetInfo)
            #expect(wire.code == .internalError)
            #expect(!wire.message.contains("aspirin"))
            #expect(!String(buffer: wire.json()).contains("aspirin"))
        }
    }

    @Test("A cancellation is 499, and a wire error is unchanged")
    func others() {
        #expect(WireError(CancellationError(), from: .rpcPing).code == .cancelled)
        let error = WireError(.invalidParams, "no", type: "T", retryable: false)
        #expect(WireError(error, from: .rpcPing) == error)
    }

    @Test("A refusal names the method and the user, and has the exact wait")
    func refusal() {
        let method = Method.entityResolutionGetMatchingJob
        let error = WireError(.init(scope: .client, wait: 117_000_001), of: method, caller: .user(1000))
        #expect(error.code == .tooManyRequests)
        #expect(error.type == "ThrottlingException")
        #expect(error.message.contains(method.rawValue) && error.message.contains("uid 1000"))
        #expect(error.scope == "client")
        #expect(error.retryable == true)
        #expect(error.processed == false)
        #expect(error.retryAfterMilliseconds == 118)
    }
}
