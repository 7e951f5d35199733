internal import JoblineServer

/// A fault to inject into a call.
public struct Fault: Sendable, Hashable {
    /// Time of a fault, relative to the call.
    public enum Timing: Sendable, Hashable {
        /// Before the call is carried out.
        case before
        /// After the call was carried out; the caller cannot tell.
        case after
    }

    private enum Kind: Hashable {
        case throttled(retryAfter: Duration?)
        case error(String, Timing)
        case dropped(Timing)
        case delayed(Duration)
        case unanswered
    }

    private let kind: Kind

    /// Throttles the call without carrying it out.
    ///
    /// - Parameter retryAfter: Retry hint in the reply, up to 300 s; nil tells the caller not to retry.
    public static func throttled(retryAfter: Duration? = .milliseconds(100)) -> Fault {
        Fault(kind: .throttled(retryAfter: retryAfter))
    }

    /// Answers the call with a service error.
    ///
    /// - Parameters:
    ///   - type: The service's name for the error, such as `ResourceInUseException`. The contract must allow it for the
    ///     method.
    ///   - timing: Timing of the fault. `.after` is allowed only for errors that leave the outcome unknown: internal errors
    ///     and unavailability.
    public static func error(_ type: String, _ timing: Timing = .before) -> Fault {
        Fault(kind: .error(type, timing))
    }

    /// Answers the call with `InternalServerException`.
    ///
    /// - Parameter timing: Whether the fault occurs before or after the call is carried out.
    public static func internalError(_ timing: Timing = .before) -> Fault { .error("InternalServerException", timing) }

    /// Closes the caller's connection instead of replying. All other calls in flight on it fail, too.
    ///
    /// - Parameter timing: Whether the fault occurs before or after the call is carried out. The caller cannot tell.
    public static func dropped(_ timing: Timing) -> Fault { Fault(kind: .dropped(timing)) }

    /// Delays the call before it is carried out, on the server's clock.
    ///
    /// - Parameter duration: Length of the delay, 1 ms to 300 s.
    public static func delayed(_ duration: Duration) -> Fault { Fault(kind: .delayed(duration)) }

    /// Leaves the call undone and unanswered until its deadline on the server's clock.
    ///
    /// An automatic ``TestClock`` reaches the deadline immediately.
    public static let unanswered = Fault(kind: .unanswered)

    func rule(_ methods: String) -> FaultRule {
        var rule = FaultRule(name: "test", methods: methods)
        switch kind {
        case .throttled(let retryAfter):
            rule.throttle = true
            rule.retryAfterMilliseconds = retryAfter.map(Self.milliseconds) ?? -1
        case .error(let type, let timing):
            rule.error = type
            rule.after = timing == .after
        case .dropped(let timing):
            rule.silence = .endOfConnection
            rule.after = timing == .after
        case .delayed(let duration): rule.delayMilliseconds = Self.milliseconds(duration)
        case .unanswered: rule.silence = .untilDeadline
        }
        return rule
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let longest = FaultRule.delays.upperBound
        return duration >= .milliseconds(longest) ? longest : max(1, Int(duration / .milliseconds(1)))
    }
}
