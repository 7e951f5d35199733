import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Reading a method's parameters")
struct MethodDecodeTests {
    private let describe = Method.comprehendMedicalDescribeRxNormInferenceJob

    @Test("gives the request")
    func valid() throws {
        let request: ComprehendMedical.DescribeJobRequest = try describe.decode(ByteBuffer(string: #"{"JobId":"1"}"#))
        #expect(request.jobID == "1")
    }

    @Test("takes absent parameters for none")
    func absent() throws {
        let request: ComprehendMedical.ListJobsRequest = try Method.comprehendMedicalListRxNormInferenceJobs.decode(nil)
        #expect(request == ComprehendMedical.ListJobsRequest())
    }

    @Test("refuses what does not fit under the service's own name, with the path")
    func refusal() {
        func error(_ method: Method, _ params: String) -> WireError? {
            do throws(WireError) {
                _ = try method.decode(ByteBuffer(string: params), as: ComprehendMedical.ListJobsRequest.self)
                return nil
            } catch {
                return error
            }
        }
        var expected = WireError(
            .invalidParams, "Filter.JobName: length 0 is outside 1...256", type: "ValidationException",
            retryable: false,
            processed: false)
        expected.path = "Filter.JobName"
        #expect(error(.comprehendMedicalListRxNormInferenceJobs, #"{"Filter":{"JobName":""}}"#) == expected)

        expected = WireError(
            .invalidParams, "MaxResults: expected an integer, found a string", type: "InvalidRequestException",
            retryable: false, processed: false)
        expected.path = "MaxResults"
        #expect(error(.comprehendMedicalListRxNormInferenceJobs, #"{"MaxResults":"5"}"#) == expected)
    }

    @Test(
        "calls a filter invalid by the name that the service has for filters, and all else by its other name",
        arguments: [
            (#"{"Filter":[]}"#, "ValidationException"), (#"{"Filter":{"JobStatus":"GONE"}}"#, "ValidationException"),
            (#"{"Filter":{"JobName":"a","JobStatus":"FAILED"}}"#, "ValidationException"),
            (#"{"MaxResults":0}"#, "InvalidRequestException"), (#"{"MaxResults":501}"#, "InvalidRequestException"),
            (#"{"NextToken":""}"#, "InvalidRequestException"), ("[]", "InvalidRequestException"),
        ])
    func filter(params: String, type: String) {
        #expect {
            _ = try Method.comprehendMedicalListPHIDetectionJobs.decode(
                ByteBuffer(string: params), as: ComprehendMedical.ListJobsRequest.self)
        } throws: { error in
            (error as? WireError)?.type == type
        }
    }

    @Test("names a required member that is absent")
    func missing() {
        #expect {
            _ = try describe.decode(nil, as: ComprehendMedical.DescribeJobRequest.self)
        } throws: { error in
            let error = error as? WireError
            return error?.path == "JobId" && error?.message == "JobId: is required"
                && error?.type == "InvalidRequestException"
        }
    }
}
