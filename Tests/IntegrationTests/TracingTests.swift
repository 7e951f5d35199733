import Jobline
import TestSupport
import Testing

@Suite("Tracing", .timeLimit(.minutes(1)))
struct TracingTests {
    @Test("The trace of a call's span is in the daemon's log, on the line of its request")
    func logged() async throws {
        try await TestDirectory.with { directory in
            let tracer = RecordingTracer()
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                var configuration = JoblineClient.Configuration(socketPath: daemon.socket)
                configuration.tracer = tracer
                let client = JoblineClient(configuration: configuration)
                _ = try await client.comprehendMedical.listRxNormInferenceJobs()
                await client.close()
            }
            let span = try #require(tracer.spans.first)
            let lines = end.log.split(separator: "\n").filter { $0.contains(span.traceID) }
            #expect(lines.count == 1)
            #expect(lines.allSatisfy { $0.contains("ComprehendMedical.ListRxNormInferenceJobs") }, "\(lines)")
        }
    }
}
