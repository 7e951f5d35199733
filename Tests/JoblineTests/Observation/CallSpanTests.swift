import JoblineProtocol
import TestSupport
import Testing
import Tracing

@testable import Jobline

@Suite("Call span", .timeLimit(.minutes(1)))
struct CallSpanTests {
    /// Runs a client that traces against a peer that answers with the trace context that it got.
    static func run(
        _ tracer: RecordingTracer, failures: Int = 0, code: Int = 500,
        _ body: (JoblineClient) async throws -> Void
    ) async throws {
        try await ScriptedPeer.run(script: { client in
            for _ in 0..<failures { try await client.fail(try await client.next(), code) }
            while let request = try await client.next() {
                try await client.answer(request, "{\"trace\":\"\(request.traceparent ?? "none")\"}")
            }
        }) { path in
            var configuration = JoblineClient.Configuration(socketPath: path)
            configuration.tracer = tracer
            let client = JoblineClient(configuration: configuration, dependencies: ManualDependencies().dependencies)
            try await body(client)
            await client.close()
        }
    }

    @Test("A call is one span of a client, and its trace goes with the request")
    func success() async throws {
        let tracer = RecordingTracer()
        try await Self.run(tracer) { client in
            let answer = try await client.call(JoblineClientTests.readonly, json: "{\"JobId\":\"secret\"}")
            let span = try #require(tracer.spans.first)
            #expect(answer == "{\"trace\":\"\(span.traceparent)\"}")
            #expect(tracer.spans.count == 1)
            #expect(span.operationName == JoblineClientTests.readonly)
            #expect(span.kind == .client)
            #expect(
                span.attributes == [
                    "rpc.system": "jobline", "rpc.service": "ComprehendMedical",
                    "rpc.method": "DescribeRxNormInferenceJob",
                ])
            #expect(span.events.isEmpty)
            #expect(span.status == nil)
            #expect(span.hasEnded)
        }
    }

    @Test("A caller's own trace context wins")
    func explicit() async throws {
        let tracer = RecordingTracer()
        try await Self.run(tracer) { client in
            let answer = try await client.call(
                JoblineClientTests.readonly, options: CallOptions(traceparent: "00-of-the-caller"))
            #expect(answer == "{\"trace\":\"00-of-the-caller\"}")
            #expect(tracer.spans.count == 1)
        }
    }

    @Test("The span of a call is a child of the caller's")
    func parent() async throws {
        let tracer = RecordingTracer()
        try await Self.run(tracer) { client in
            let outer = tracer.startSpan("outer")
            _ = try await InstrumentationContext.withValue(outer.context) {
                try await client.call(JoblineClientTests.readonly)
            }
            #expect(tracer.spans.map(\.traceID) == [outer.traceID, outer.traceID])
        }
    }

    @Test("Failed attempts are events of the span, without error messages")
    func retries() async throws {
        let tracer = RecordingTracer()
        try await Self.run(tracer, failures: 2) { client in
            _ = try await client.call(JoblineClientTests.readonly)
        }
        let span = try #require(tracer.spans.first)
        #expect(tracer.spans.count == 1)
        #expect(span.events.map(\.name) == ["attempt failed", "attempt failed"])
        #expect(
            span.events.map(\.attributes) == [
                ["jobline.attempt": .int64(1), "error.type": "server", "jobline.pause_seconds": .double(0.025)],
                ["jobline.attempt": .int64(2), "error.type": "server", "jobline.pause_seconds": .double(0.05)],
            ])
        #expect(span.attributes.get("jobline.attempts") == .int64(3))
        #expect(span.status == nil)
    }

    @Test("The span of a failed call has the error code")
    func failure() async throws {
        let tracer = RecordingTracer()
        try await Self.run(tracer, failures: 1, code: 404) { client in
            _ = try? await client.call(JoblineClientTests.readonly)
        }
        let span = try #require(tracer.spans.first)
        #expect(span.attributes.get("error.type") == "notFound")
        #expect(span.status == SpanStatus(code: .error))
        #expect(span.hasEnded)
    }

    @Test("Without a tracer there is no span, and the request has no trace context")
    func noTracer() async throws {
        #expect(CallSpan("A.B", tracer: nil) == nil)
        let answer = try await JoblineClientTests.run(script: { client in
            let request = try await client.next()
            try await client.answer(request, "{\"trace\":\"\(request?.traceparent ?? "none")\"}")
            _ = try await client.next()
        }) { try await $0.call(JoblineClientTests.readonly) }
        #expect(answer == "{\"trace\":\"none\"}")
    }
}
