internal import Metrics
internal import JoblineProtocol
internal import Synchronization

/// Metrics of calls and retries, reported to the program's metrics system.
///
/// Label values are bounded: unknown methods share one value, and outcomes are error codes.
final class CallMetrics: CallObserver {
    static let calls = "jobline_client_calls_total"
    static let retries = "jobline_client_retries_total"
    static let duration = "jobline_client_call_duration_seconds"

    private struct CounterKey: Hashable {
        let label: String
        /// nil for methods that this version does not know.
        let method: Method?
        /// nil for success.
        let code: JoblineError.Code?
    }

    /// Metrics created so far; each is created on first use.
    private struct Made {
        var counters: [CounterKey: Counter] = [:]
        var timers: [Method?: Timer] = [:]
    }

    private let factory: any MetricsFactory
    private let made = Mutex(Made())

    init(factory: any MetricsFactory) { self.factory = factory }

    /// - Returns: nil if the program has no metrics system, so that metrics cost nothing.
    static func make(_ factory: (any MetricsFactory)?) -> CallMetrics? {
        let factory = factory ?? MetricsSystem.factory
        return factory is NOOPMetricsHandler ? nil : CallMetrics(factory: factory)
    }

    func attemptFailed(_ attempt: FailedAttempt) {
        guard attempt.pause != nil else { return }
        counter(Self.retries, attempt.method, attempt.code, codeName: "cause").increment()
    }

    func callEnded(_ call: EndedCall) {
        counter(Self.calls, call.method, call.code, codeName: "code").increment()
        let method = Method(rawValue: call.method)
        let timer = made.withLock { made in
            if let timer = made.timers[method] { return timer }
            let timer = Timer(label: Self.duration, dimensions: [Self.dimension(method)], factory: factory)
            made.timers[method] = timer
            return timer
        }
        timer.recordNanoseconds(call.duration.nanoseconds)
    }

    private func counter(
        _ label: String, _ method: String, _ code: JoblineError.Code?, codeName: String
    ) -> Counter {
        let key = CounterKey(label: label, method: Method(rawValue: method), code: code)
        return made.withLock { made in
            if let counter = made.counters[key] { return counter }
            let counter = Counter(
                label: label, dimensions: [Self.dimension(key.method), (codeName, code?.description ?? "ok")],
                factory: factory)
            made.counters[key] = counter
            return counter
        }
    }

    private static func dimension(_ method: Method?) -> (String, String) { ("method", method?.rawValue ?? "other") }
}
