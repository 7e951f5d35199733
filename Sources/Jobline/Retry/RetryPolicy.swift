/// How often a failed call is tried again.
///
/// Only failures that may pass are tried again, and only where it can do no harm: a call that changes something and carries
/// no token is repeated only if it is certain that the first request was not carried out.
public struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first included; at least 1.
    public var maximumAttempts: Int

    /// A policy.
    ///
    /// - Parameter maximumAttempts: Attempts in all, the first included; less than 1 counts as 1.
    public init(maximumAttempts: Int) { self.maximumAttempts = max(1, maximumAttempts) }

    /// Three attempts.
    public static let standard = RetryPolicy(maximumAttempts: 3)
    /// One attempt.
    public static let disabled = RetryPolicy(maximumAttempts: 1)
}
