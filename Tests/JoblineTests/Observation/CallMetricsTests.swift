import JoblineProtocol
import Metrics
import MetricsTestKit
import Testing

@testable import Jobline

@Suite("Call metrics", .timeLimit(.minutes(1)))
struct CallMetricsTests {
    /// Every counter there is, as `label{dimensions} value`.
    static func counters(_ factory: TestMetrics) -> [String] {
        factory.counters.map { counter in
            let dimensions = counter.dimensions.map { "\($0)=\($1)" }.joined(separator: ",")
            return "\(counter.label){\(dimensions)} \(counter.totalValue)"
        }.sorted()
    }

    @Test("Calls are counted by method and outcome, retries by method and cause")
    func counting() async throws {
        let factory = TestMetrics()
        try await ScriptedPeer.run(script: { client in
            try await client.fail(try await client.next(), 500)
            try await client.fail(try await client.next(), 429)
            while let request = try await client.next() {
                if request.method == JoblineClientTests.readonly {
                    try await client.answer(request)
                } else {
                    try await client.fail(request, 404)
                }
            }
        }) { path in
            var configuration = JoblineClient.Configuration(socketPath: path)
            configuration.metricsFactory = factory
            let client = JoblineClient(configuration: configuration, dependencies: ManualDependencies().dependencies)
            for _ in 1...3 { _ = try await client.call(JoblineClientTests.readonly) }
            for name in ["Secret.One", "Secret.Two", JoblineClientTests.never] { _ = try? await client.call(name) }
            await client.close()
        }
        #expect(
            Self.counters(factory) == [
                "jobline_client_calls_total{method=ComprehendMedical.DescribeRxNormInferenceJob,code=ok} 3",
                "jobline_client_calls_total{method=EntityResolution.StartMatchingJob,code=notFound} 1",
                "jobline_client_calls_total{method=other,code=notFound} 2",
                "jobline_client_retries_total{method=ComprehendMedical.DescribeRxNormInferenceJob,cause=server} 1",
                "jobline_client_retries_total{method=ComprehendMedical.DescribeRxNormInferenceJob,cause=throttled} 1",
            ])
    }

    @Test("A timer for each method measures calls, including backoff")
    func timing() throws {
        let factory = TestMetrics()
        let metrics = CallMetrics(factory: factory)
        for milliseconds in [5, 1500] {
            metrics.callEnded(
                EndedCall(method: "rpc.ping", attempts: 1, duration: .milliseconds(milliseconds), code: nil))
        }
        let timer = try factory.expectTimer("jobline_client_call_duration_seconds", [("method", "rpc.ping")])
        #expect(timer.values == [5_000_000, 1_500_000_000])
        #expect(factory.timers.count == 1)
    }

    @Test("A last attempt is not counted as a retry")
    func lastAttempt() {
        let factory = TestMetrics()
        CallMetrics(factory: factory)
            .attemptFailed(FailedAttempt(method: "rpc.ping", number: 3, code: .server, pause: nil))
        #expect(factory.counters.isEmpty)
    }

    @Test("Without a metrics system nothing is recorded")
    func none() {
        #expect(CallMetrics.make(NOOPMetricsHandler.instance) == nil)
        #expect(CallMetrics.make(TestMetrics()) != nil)
    }
}
