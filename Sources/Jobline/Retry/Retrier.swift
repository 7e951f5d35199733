internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Carries one call through its attempts, under one deadline.
struct Retrier: Sendable {
    let quota: RetryQuota
    let surroundings: Surroundings
    let logger: Logger

    /// Makes attempts until one succeeds, or there is no use in another one.
    ///
    /// - Parameters:
    ///   - method: The method, for messages and log.
    ///   - safety: What the contract says about sending its request again.
    ///   - policy: How many attempts to make.
    ///   - timeout: Time for all attempts and the pauses between them.
    ///   - attempt: Makes one attempt within the time that is left.
    /// - Returns: The result as it came.
    func run(
        _ method: String, safety: MethodDescriptor.RetrySafety, policy: RetryPolicy, timeout: Duration,
        attempt: (_ remaining: Duration) async throws(CallFailure) -> ByteBuffer
    ) async throws(JoblineError) -> ByteBuffer {
        let deadline = surroundings.now() + timeout
        var history = CallHistory(method: method, safety: safety)
        while true {
            do throws(CallFailure) {
                let result = try await attempt(deadline - surroundings.now())
                quota.succeeded(taken: history.quotaTaken)
                return result
            } catch {
                history.note(error)
                let decision = RetryDecision(
                    after: error, attempts: history.attempts, policy: policy, safety: safety,
                    remaining: deadline - surroundings.now(), random: surroundings.fraction())
                guard case .retry(let pause, let cost) = decision, quota.take(cost) else {
                    throw JoblineError(error, history)
                }
                history.quotaTaken += cost
                logger.debug(
                    "waiting to try again",
                    metadata: [
                        "method": "\(method)", "after": "\(JoblineError.Code(error))",
                        "attempt": "\(history.attempts + 1)", "pause": "\(pause)",
                    ])
                do {
                    try await surroundings.sleep(pause)
                } catch {
                    throw JoblineError(.cancelled(written: false), history)
                }
            }
        }
    }
}

/// What happened to a call until now.
struct CallHistory: Sendable {
    let method: String
    let safety: MethodDescriptor.RetrySafety
    private(set) var attempts = 0
    /// True if one of the attempts may have been carried out.
    private(set) var mayHaveTakenEffect = false
    var quotaTaken = 0

    init(method: String, safety: MethodDescriptor.RetrySafety) {
        self.method = method
        self.safety = safety
    }

    mutating func note(_ failure: CallFailure) {
        attempts += 1
        if failure.effect == .unknown { mayHaveTakenEffect = true }
        // The service looked at the same request and turned it down: it did not take effect the first time either.
        if failure.isRefusal { mayHaveTakenEffect = false }
    }
}
