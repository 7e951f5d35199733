internal import JoblineProtocol

/// What happened to a call until now.
struct CallHistory: Sendable {
    let method: String
    let safety: MethodDescriptor.RetrySafety
    /// Attempts that have ended.
    private(set) var attempts = 0
    /// True if one of the attempts may have been carried out.
    private(set) var mayHaveTakenEffect = false
    /// Why the last attempt failed.
    private(set) var last: CallFailure?
    /// Why the attempts before the last one failed, each reason once.
    private(set) var earlier: [JoblineError.Reason] = []
    var quotaTaken = 0

    /// Reasons kept at most: a policy may allow any number of attempts.
    static let maximumReasons = 8

    init(method: String, safety: MethodDescriptor.RetrySafety) {
        self.method = method
        self.safety = safety
    }

    /// True if the method counts where a client holds itself back.
    var isLimited: Bool { Method(rawValue: method)?.descriptor.limitClass != .unlimited }

    mutating func note(_ failure: CallFailure) {
        if let last {
            let reason = JoblineError.Reason(last)
            if !earlier.contains(reason), earlier.count < Self.maximumReasons { earlier.append(reason) }
        }
        last = failure
        attempts += 1
        if failure.effect == .unknown { mayHaveTakenEffect = true }
        // The service looked at the same request and turned it down: it did not take effect the first time either.
        if failure.isRefusal { mayHaveTakenEffect = false }
    }

    mutating func noteSuccess() { attempts += 1 }
}

extension JoblineError.Reason {
    init(_ failure: CallFailure) { self.init(code: JoblineError.Code(failure), message: failure.message) }
}
