internal import JoblineProtocol
internal import Logging
internal import NIOCore
internal import Synchronization

/// Runs the attempts of a call under one deadline.
final class Retrier: Sendable {
    let quota: RetryQuota
    let dependencies: ClientDependencies
    let logger: Logger
    /// Observers of every call.
    private let observers: [any CallObserver]
    private let rateLimit: RateLimit
    /// State of the adaptive rate limit.
    private let rate: Mutex<SendingRate>

    init(
        quota: RetryQuota, dependencies: ClientDependencies, logger: Logger, observers: [any CallObserver] = [],
        rateLimit: RateLimit = .none
    ) {
        self.quota = quota
        self.dependencies = dependencies
        self.logger = logger
        self.observers = observers
        self.rateLimit = rateLimit
        rate = Mutex(SendingRate(now: dependencies.now()))
    }

    /// Makes attempts until one succeeds or the failure is not retryable.
    ///
    /// - Parameters:
    ///   - call: What is called, and what the contract says of it.
    ///   - policy: Maximum number of attempts.
    ///   - timeout: Time for all attempts and the pauses between them.
    ///   - observer: Observer of this call only.
    ///   - attempt: Makes one attempt within the remaining time.
    /// - Returns: The encoded result.
    func run(
        _ method: String, safety: MethodDescriptor.RetrySafety, policy: RetryPolicy, timeout: Duration,
        observer: (any CallObserver)? = nil,
        attempt: (_ remaining: Duration) async throws(CallFailure) -> ByteBuffer
    ) async throws(JoblineError) -> ByteBuffer {
        let start = dependencies.now()
        var history = CallHistory(method: method, safety: safety)
        do throws(JoblineError) {
            let result = try await attempts(&history, policy: policy, deadline: start + timeout, observer, attempt)
            ended(history, since: start, code: nil, observer)
            return result
        } catch {
            var error = error
            error.duration = dependencies.now() - start
            ended(history, since: start, code: error.code, observer)
            throw error
        }
    }

    private func attempts(
        _ history: inout CallHistory, policy: RetryPolicy, deadline: Duration, _ observer: (any CallObserver)?,
        _ attempt: (_ remaining: Duration) async throws(CallFailure) -> ByteBuffer
    ) async throws(JoblineError) -> ByteBuffer {
        while true {
            if isHeldBack(history) { try await turn(history, deadline: deadline) }
            do throws(CallFailure) {
                let result = try await attempt(deadline - dependencies.now())
                answered(history, isThrottled: false)
                history.noteSuccess()
                quota.succeeded(taken: history.quotaTaken)
                return result
            } catch {
                if error.wireError != nil { answered(history, isThrottled: error.isThrottling) }
                history.note(error)
                let decision = RetryDecision(
                    after: error, attempts: history.attempts, policy: policy, safety: history.safety,
                    remaining: deadline - dependencies.now(), random: dependencies.fraction())
                guard case .retry(let pause, let cost) = decision, quota.take(cost) else {
                    failed(history, error, pause: nil, observer)
                    throw JoblineError(error, history)
                }
                history.quotaTaken += cost
                failed(history, error, pause: pause, observer)
                try await sleep(pause, history)
            }
        }
    }

    /// Waits until the rate limit admits the next attempt.
    private func turn(_ history: CallHistory, deadline: Duration) async throws(JoblineError) {
        let now = dependencies.now()
        switch rate.withLock({ $0.admit(now: now, within: deadline - now) }) {
        case .now: return
        case .after(let wait):
            do throws(JoblineError) {
                try await sleep(wait, history)
            } catch {
                rate.withLock { $0.giveBack() }
                throw error
            }
        case .tooLate(let wait):
            if let last = history.last { throw JoblineError(last, history) }
            throw JoblineError(
                .throttled,
                "its turn comes in \(wait.inSeconds), after its deadline: the daemon asked for fewer requests",
                method: history.method)
        }
    }

    private func sleep(_ pause: Duration, _ history: CallHistory) async throws(JoblineError) {
        do {
            try await dependencies.sleep(pause)
        } catch {
            throw JoblineError(.cancelled(written: false), history)
        }
    }

    /// Whether the rate limit applies to the call; methods that cost the daemon next to nothing are exempt.
    private func isHeldBack(_ history: CallHistory) -> Bool { rateLimit == .adaptive && history.isLimited }

    private func answered(_ history: CallHistory, isThrottled: Bool) {
        guard isHeldBack(history) else { return }
        let now = dependencies.now()
        rate.withLock { $0.answered(isThrottled: isThrottled, now: now) }
    }

    private func failed(
        _ history: CallHistory, _ failure: CallFailure, pause: Duration?, _ observer: (any CallObserver)?
    ) {
        let code = JoblineError.Code(failure)
        if let pause {
            logger.debug(
                "waiting to try again",
                metadata: [
                    "method": "\(history.method)", "after": "\(code)", "attempt": "\(history.attempts + 1)",
                    "pause": "\(pause)",
                ])
        }
        if observers.isEmpty, observer == nil { return }
        let attempt = FailedAttempt(method: history.method, number: history.attempts, code: code, pause: pause)
        for observer in observers { observer.attemptFailed(attempt) }
        observer?.attemptFailed(attempt)
    }

    private func ended(
        _ history: CallHistory, since start: Duration, code: JoblineError.Code?, _ observer: (any CallObserver)?
    ) {
        if observers.isEmpty, observer == nil { return }
        let call = EndedCall(
            method: history.method, attempts: history.attempts, duration: dependencies.now() - start, code: code)
        for observer in observers { observer.callEnded(call) }
        observer?.callEnded(call)
    }
}
