internal import JoblineServer

/// What is to go wrong with a call.
public struct Fault: Sendable, Hashable {
    /// When a call goes wrong.
    public enum Moment: Sendable, Hashable {
        /// Nothing of it was done.
        case before
        /// It was carried out, and the caller does not know.
        case after
    }

    private enum Kind: Hashable {
        case throttled(retryAfter: Duration?)
        case error(String, Moment)
        case dropped(Moment)
        case delayed(Duration)
        case unanswered
    }

    private let kind: Kind

    /// The call is refused as too many are: nothing was done, and the caller is told when to come again.
    ///
    /// - Parameter retryAfter: What the caller is told to wait, up to 300 s; nil tells it not to try again.
    public static func throttled(retryAfter: Duration? = .milliseconds(100)) -> Fault {
        Fault(kind: .throttled(retryAfter: retryAfter))
    }

    /// The call is answered with an error of its service.
    ///
    /// - Parameters:
    ///   - type: The service's own name for the error, such as `ResourceInUseException`; it has to be one with which the
    ///     contract lets the method answer.
    ///   - moment: `.after` for errors that leave open whether the call was carried out: those of the service failing or not
    ///     being there.
    public static func error(_ type: String, _ moment: Moment = .before) -> Fault {
        Fault(kind: .error(type, moment))
    }

    /// The service fails: InternalServerException.
    ///
    /// - Parameter moment: Whether the call was carried out.
    public static func internalError(_ moment: Moment = .before) -> Fault { .error("InternalServerException", moment) }

    /// The connection of the caller ends in place of an answer, with all other calls that are under way on it.
    ///
    /// - Parameter moment: Whether the call was carried out. The caller cannot tell.
    public static func dropped(_ moment: Moment) -> Fault { Fault(kind: .dropped(moment)) }

    /// The call waits before it is carried out, by the clock of the server.
    ///
    /// - Parameter duration: How long, 1 ms to 300 s.
    public static func delayed(_ duration: Duration) -> Fault { Fault(kind: .delayed(duration)) }

    /// Nothing of the call is done, and nothing said until its deadline has passed by the clock of the server. With an automatic
    /// ``TestClock`` that is at once.
    public static let unanswered = Fault(kind: .unanswered)

    func rule(_ methods: String) -> FaultRule {
        var rule = FaultRule(name: "test", methods: methods)
        switch kind {
        case .throttled(let retryAfter):
            rule.throttle = true
            rule.retryAfterMilliseconds = retryAfter.map(Self.milliseconds) ?? -1
        case .error(let type, let moment):
            rule.error = type
            rule.after = moment == .after
        case .dropped(let moment):
            rule.silence = .endOfConnection
            rule.after = moment == .after
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
