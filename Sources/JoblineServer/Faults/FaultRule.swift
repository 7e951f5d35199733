internal import JoblineProtocol

/// One way in which a server fails on purpose, for people who test their own programs against it.
package struct FaultRule: Sendable, Hashable {
    /// What errors and lists call it: 1 to 64 letters, digits, `-` and `_`.
    package var name: String
    /// A method such as `Personalize.CreateBatchSegmentJob`, or the beginning of some and `*`.
    package var methods: String
    /// The part of the calls that it hits, within ``shares``.
    package var share = 1.0
    /// Where its sequence of hits and misses begins, within ``seeds``.
    package var seed = 0
    /// True: refuse as a spent budget does, with 429.
    package var throttle = false
    /// What a throttled caller is told to wait, within ``advices``; -1 tells it not to retry. nil: ``defaultAdvice``.
    package var retryAfterMilliseconds: Int?
    /// The service's own name of an error to answer with, such as `InternalServerException`.
    package var error: String?
    /// True: carry the call out before answering with the error.
    package var after = false
    /// What a call waits before anything else is done about it, within ``delays``.
    package var delayMilliseconds: Int?

    /// What is done in place of an answer; nil: there is one. The configuration of a daemon has no key for it.
    package var silence: Silence?

    /// Ways not to answer.
    package enum Silence: String, Sendable, Hashable {
        /// The connection ends.
        case endOfConnection
        /// Nothing comes until the call's deadline has passed.
        case untilDeadline
    }

    package init(name: String, methods: String) {
        self.name = name
        self.methods = methods
    }

    package static let shares = 0.0...1.0
    /// As many as every reader of JSON can tell apart.
    package static let seeds = 0...Int(UInt32.max)
    /// Up to the longest time that a caller waits.
    package static let advices = -1...300_000
    /// Up to the longest time that a caller waits.
    package static let delays = 1...300_000
    /// Milliseconds.
    static let defaultAdvice = 100
}

extension FaultRule {
    /// What it does to a call, in words.
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

    /// Services that never fail on purpose: one must be able to look.
    static let exemptServices: Set<Substring> = ["rpc", "Sidecar"]

    func isAbout(_ method: Method) -> Bool {
        let descriptor = method.descriptor
        if Self.exemptServices.contains(descriptor.service) { return false }
        return methods.last == "*" ? descriptor.name.hasPrefix(methods.dropLast()) : descriptor.name == methods
    }
}
