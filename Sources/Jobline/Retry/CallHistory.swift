internal import JoblineProtocol

/// Attempts of one call so far, and the reasons for their failures.
struct CallHistory: Sendable {
    let method: String
    let safety: MethodDescriptor.RetrySafety
    /// Number of attempts that have ended.
    private(set) var attempts = 0
    /// Whether the daemon may have executed one of the attempts.
    private(set) var mayHaveTakenEffect = false
    /// Failure of the last attempt.
    private(set) var last: CallFailure?
    /// Distinct reasons for the failures before the last one.
    private(set) var earlier: [JoblineError.Reason] = []
    var quotaTaken = 0

    /// Maximum number of reasons kept; bounds memory because a policy may allow any number of attempts.
    static let maximumReasons = 8

    init(method: String, safety: MethodDescriptor.RetrySafety) {
        self.method = method
        self.safety = safety
    }

    /// Whether the method is subject to the client's rate limit.
    var isLimited: Bool { Method(rawValue: method)?.descriptor.limitClass != .unlimited }

    mutating func note(_ failure: CallFailure) {
        if let last {
            let reason = JoblineError.Reason(last)
            if !earlier.contains(reason), earlier.count < Self.maximumReasons { earlier.append(reason) }
        }
        last = failure
        attempts += 1
        if failure.effect == .unknown { mayHaveTakenEffect = true }
        // The service rejected an identical request, so the earlier attempt did not take effect either.
        if failure.isRefusal { mayHaveTakenEffect = false }
    }

    mutating func noteSuccess() { attempts += 1 }
}

extension JoblineError.Reason {
    init(_ failure: CallFailure) { self.init(code: JoblineError.Code(failure), message: failure.message) }
}
