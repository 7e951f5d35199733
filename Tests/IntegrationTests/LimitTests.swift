import Jobline
import TestSupport
import Testing

/// Tests that a flood of one user affects only that user.
@Suite("Limits, over the wire", .timeLimit(.minutes(2)))
struct LimitTests {
    static let settings = """
        limits:
          methods:
            ComprehendMedical:
              ListRxNormInferenceJobs: {rate: 1, burst: 5}
        """

    @Test("Refuses a flood with advice, while calls of another method go on")
    func flood() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.settings) { daemon in
                try await daemon.client { client in
                    var options = CallOptions()
                    options.retry = .disabled
                    var refused: [WireError] = []
                    // Even on a slow machine more than one a second arrive.
                    while refused.count < 50 {
                        do throws(JoblineError) {
                            _ = try await client.comprehendMedical.listRxNormInferenceJobs(options: options)
                        } catch {
                            refused.append(try #require(error.wire))
                        }
                        _ = try await client.comprehendMedical.listEntitiesDetectionV2Jobs(options: options)
                    }
                    for error in refused {
                        #expect(error.code == .tooManyRequests)
                        #expect(error.type == "TooManyRequestsException")
                        #expect(error.scope == "method")
                        #expect(error.processed == false)
                        #expect(error.retryable == true)
                        #expect((1...1000).contains(error.retryAfterMilliseconds ?? 0))
                    }
                    // The SDK waits for the advised time, and succeeds.
                    _ = try await client.comprehendMedical.listRxNormInferenceJobs()
                }
            }
        }
    }

    @Test("Lets a user's reads pass while the same user's writes are refused, and gives exact advice")
    func classes() async throws {
        let settings = "limits: {client: {write: {rate: 2, burst: 2}}}"
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    var options = CallOptions()
                    options.retry = .disabled
                    let stop = { () async throws(JoblineError) in
                        _ = try await client.comprehendMedical.stopRxNormInferenceJob(jobID: "none", options: options)
                    }
                    var refusal: WireError?
                    while refusal == nil {
                        let error = await #expect(throws: JoblineError.self) { try await stop() }
                        if error?.wire?.code == .tooManyRequests { refusal = error?.wire }
                    }
                    // Reads have a budget of their own.
                    for _ in 0..<50 { _ = try await client.comprehendMedical.listRxNormInferenceJobs(options: options) }
                    let advice = try #require(refusal?.retryAfterMilliseconds)
                    #expect(refusal?.scope == "client")
                    #expect((1...500).contains(advice))
                    // Sent after the advised time, the request passes, and fails only because there is no job.
                    try await Task.sleep(for: .milliseconds(advice))
                    let error = await #expect(throws: JoblineError.self) { try await stop() }
                    #expect(error?.wire?.code == .notFound)
                }
            }
        }
    }
}
