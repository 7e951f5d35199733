/// Observer of failed attempts and ended calls. It receives neither parameters nor results.
///
/// Methods run in the calling task between attempts, from many tasks concurrently, and must return quickly.
public protocol CallObserver: Sendable {
    /// Called after an attempt failed.
    func attemptFailed(_ attempt: FailedAttempt)
    /// Called after a call ended.
    func callEnded(_ call: EndedCall)
}

extension CallObserver {
    /// Does nothing.
    public func attemptFailed(_ attempt: FailedAttempt) {}
    /// Does nothing.
    public func callEnded(_ call: EndedCall) {}
}

/// Failed attempt of a call.
public struct FailedAttempt: Sendable, Hashable {
    /// `Service.Operation`.
    public let method: String
    /// Number of the attempt, from 1.
    public let number: Int
    /// Code of the failure.
    public let code: JoblineError.Code
    /// Pause before the next attempt; nil if this was the last one.
    public let pause: Duration?
}

/// A call that ended.
public struct EndedCall: Sendable, Hashable {
    /// `Service.Operation`.
    public let method: String
    /// Number of attempts made.
    public let attempts: Int
    /// Time from the call to its end, pauses included.
    public let duration: Duration
    /// Code of the failure; nil on success.
    public let code: JoblineError.Code?
}
