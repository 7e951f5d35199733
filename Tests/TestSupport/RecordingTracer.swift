internal import Synchronization
package import Tracing

/// A tracer that keeps its spans for the test to look at, and writes trace contexts as W3C has them.
package final class RecordingTracer: Tracer {
    package final class RecordedSpan: Tracing.Span {
        private struct State {
            var operationName: String
            var attributes: SpanAttributes = [:]
            var events: [SpanEvent] = []
            var status: SpanStatus?
            var hasEnded = false
        }

        package let context: InstrumentationContext
        package let kind: SpanKind
        /// 32 hexadecimal digits, the same for a span and its children.
        package let traceID: String
        private let state: Mutex<State>

        init(_ operationName: String, kind: SpanKind, parent: InstrumentationContext) {
            traceID = parent[TraceKey.self] ?? Self.digits() + Self.digits()
            self.kind = kind
            var context = parent
            context[TraceKey.self] = traceID
            self.context = context
            state = Mutex(State(operationName: operationName))
        }

        /// Trace context: version, trace, span, and the flag that it is recorded.
        package var traceparent: String { "00-\(traceID)-\(traceID.prefix(16))-01" }

        package var events: [SpanEvent] { state.withLock { $0.events } }
        package var status: SpanStatus? { state.withLock { $0.status } }
        package var hasEnded: Bool { state.withLock { $0.hasEnded } }
        package var isRecording: Bool { true }
        package var operationName: String {
            get { state.withLock { $0.operationName } }
            set { state.withLock { $0.operationName = newValue } }
        }
        package var attributes: SpanAttributes {
            get { state.withLock { $0.attributes } }
            set { state.withLock { $0.attributes = newValue } }
        }

        package func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }
        package func addEvent(_ event: SpanEvent) { state.withLock { $0.events.append(event) } }
        package func addLink(_ link: SpanLink) {}
        package func recordError<Instant: TracerInstant>(
            _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
        ) {}
        package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
            state.withLock { $0.hasEnded = true }
        }

        private static func digits() -> String {
            let text = String(UInt64.random(in: 1 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
    }

    private enum TraceKey: InstrumentationContextKey {
        typealias Value = String
    }

    private let recorded = Mutex<[RecordedSpan]>([])

    package init() {}

    /// The spans so far.
    package var spans: [RecordedSpan] { recorded.withLock { $0 } }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        let span = RecordedSpan(operationName, kind: kind, parent: context())
        recorded.withLock { $0.append(span) }
        return span
    }

    package func forceFlush() {}

    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let traceID = context[TraceKey.self] else { return }
        injector.inject("00-\(traceID)-\(traceID.prefix(16))-01", forKey: "Traceparent", into: &carrier)
    }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}
}
