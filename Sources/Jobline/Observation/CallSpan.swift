internal import JoblineProtocol
internal import Tracing

/// Span of one call, with its failed attempts as events. Omits error messages, which may contain names.
struct CallSpan: CallObserver {
    private let span: any Span
    /// W3C trace context to send with the request.
    let traceparent: String?

    /// Maximum size of a trace context that the daemon accepts, in bytes.
    private static let maximumBytes = 128

    /// Starts the span of a call.
    ///
    /// - Parameters:
    ///   - method: `Service.Operation`.
    ///   - tracer: Tracer of the client; nil takes the program's.
    /// - Returns: nil if the program does not trace, so that tracing costs nothing.
    init?(_ method: String, tracer: (any Tracer)?) {
        let instrument: any Instrument = tracer ?? InstrumentationSystem.instrument
        if instrument is NoOpInstrument { return nil }
        let span: any Span = (tracer ?? InstrumentationSystem.tracer).startSpan(method, ofKind: .client)
        let parts = method.split(separator: ".", maxSplits: 1)
        span.updateAttributes { attributes in
            attributes["rpc.system"] = "jobline"
            if parts.count == 2 {
                attributes["rpc.service"] = String(parts[0])
                attributes["rpc.method"] = String(parts[1])
            }
        }
        self.span = span
        var fields: [String: String] = [:]
        instrument.inject(span.context, into: &fields, using: FieldInjector())
        // The daemon refuses requests with an oversized trace context: omit it instead.
        let context = fields["traceparent"]
        traceparent = context.flatMap { $0.utf8.count <= Self.maximumBytes ? $0 : nil }
    }

    func attemptFailed(_ attempt: FailedAttempt) {
        var attributes: SpanAttributes = [
            "jobline.attempt": .int64(Int64(attempt.number)), "error.type": .string(attempt.code.description),
        ]
        if let pause = attempt.pause { attributes["jobline.pause_seconds"] = pause / .seconds(1) }
        span.addEvent(SpanEvent(name: "attempt failed", attributes: attributes))
    }

    func callEnded(_ call: EndedCall) {
        if let code = call.code {
            span.attributes["error.type"] = code.description
            span.setStatus(SpanStatus(code: .error))
        }
        if call.attempts > 1 { span.attributes["jobline.attempts"] = call.attempts }
        span.end()
    }
}

private struct FieldInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}
