import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Decoding of parameters")
struct MethodDecodeTests {
    private let describe = Method.comprehendMedicalDescribeRxNormInferenceJob

    @Test("Valid parameters are decoded")
    func valid() throws {
        let request: ComprehendMedical.DescribeJobRequest = try describe.decode(ByteBuffer(string: #"{"JobId":"1"}"#))
        #expect(request.jobID == "1")
    }

    @Test("Absent parameters are equivalent to an empty object")
    func absent() throws {
        let request: ComprehendMedical.ListJobsRequest = try Method.comprehendMedicalListRxNormInferenceJobs.decode(nil)
        #expect(request == ComprehendMedical.ListJobsRequest())
    }

    @Test("Invalid parameters are refused with the service's error type and the path")
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
        "An invalid filter has its own error type",
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

    @Test("An error names a required member that is absent")
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
