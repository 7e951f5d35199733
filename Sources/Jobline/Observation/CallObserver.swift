/// Told what becomes of calls: each attempt that fails, and each call's end. Never of parameters or results.
///
/// It is told in the calling task, between the attempts, so that it has to be quick; and from many tasks at a time.
public protocol CallObserver: Sendable {
    /// An attempt has failed.
    func attemptFailed(_ attempt: FailedAttempt)
    /// A call has ended.
    func callEnded(_ call: EndedCall)
}

extension CallObserver {
    /// Does nothing.
    public func attemptFailed(_ attempt: FailedAttempt) {}
    /// Does nothing.
    public func callEnded(_ call: EndedCall) {}
}

/// An attempt of a call that failed.
public struct FailedAttempt: Sendable, Hashable {
    /// `Service.Operation`.
    public let method: String
    /// Which attempt it was, from 1 on.
    public let number: Int
    /// Why it failed.
    public let code: JoblineError.Code
    /// How long the call waits until its next attempt; nil if it makes no other.
    public let pause: Duration?
}

/// A call that ended.
public struct EndedCall: Sendable, Hashable {
    /// `Service.Operation`.
    public let method: String
    /// How often the request was tried.
    public let attempts: Int
    /// Time from the call to its end, pauses included.
    public let duration: Duration
    /// Why it failed; nil if it did not.
    public let code: JoblineError.Code?
}
