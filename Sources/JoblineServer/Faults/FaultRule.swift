internal import JoblineProtocol

/// Rule that injects faults, for people who test their programs against the daemon.
package struct FaultRule: Sendable, Hashable {
    /// Name in errors and lists: 1 to 64 letters, digits, `-` and `_`.
    package var name: String
    /// Method such as `Personalize.CreateBatchSegmentJob`, or a prefix followed by `*`.
    package var methods: String
    /// Share of the calls to hit, within ``shares``.
    package var share = 1.0
    /// Seed of the sequence of hits and misses, within ``seeds``.
    package var seed = 0
    /// Whether calls are refused with 429.
    package var throttle = false
    /// Wait in milliseconds that a throttled caller is told, within ``advices``; -1 for no retry, nil for ``defaultAdvice``.
    package var retryAfterMilliseconds: Int?
    /// Service's name of the error to answer with, such as `InternalServerException`.
    package var error: String?
    /// Whether the call is carried out before the error is answered.
    package var after = false
    /// Delay in milliseconds before the call is handled, within ``delays``.
    package var delayMilliseconds: Int?

    /// Way not to answer; nil if the call is answered. Not available in the daemon's configuration.
    package var silence: Silence?

    /// Ways not to answer.
    package enum Silence: String, Sendable, Hashable {
        /// The connection ends.
        case endOfConnection
        /// Nothing is sent until the call's deadline has passed.
        case untilDeadline
    }

    package init(name: String, methods: String) {
        self.name = name
        self.methods = methods
    }

    package static let shares = 0.0...1.0
    /// Integers that every JSON reader represents exactly.
    package static let seeds = 0...Int(UInt32.max)
    /// Up to the maximum deadline of a call.
    package static let advices = -1...300_000
    /// Up to the maximum deadline of a call.
    package static let delays = 1...300_000
    /// Milliseconds.
    static let defaultAdvice = 100
}

extension FaultRule {
    /// Effect of the rule on a call, in words.
    package var effect: String {
        var steps: [String] = []
        if let delayMilliseconds { steps.append("waits \(delayMilliseconds) ms") }
        if after { steps.append("carries the call out") }
        if let error { steps.append("answers \(error)") }
        switch silence {
        case .endOfConnection: steps.append("ends the connection")
        case .untilDeadline: steps.append("answers no sooner than at the deadline")
        case nil: break
        }
        if throttle {
            let advice = retryAfterMilliseconds ?? Self.defaultAdvice
            steps.append(advice < 0 ? "throttles and advises against a retry" : "throttles for \(advice) ms")
        }
        return steps.joined(separator: ", then ")
    }

    /// Services without injected faults, so that the daemon can be inspected.
    static let exemptServices: Set<Substring> = ["rpc", "Sidecar"]

    func isAbout(_ method: Method) -> Bool {
        let descriptor = method.descriptor
        if Self.exemptServices.contains(descriptor.service) { return false }
        return methods.last == "*" ? descriptor.name.hasPrefix(methods.dropLast()) : descriptor.name == methods
    }
}
