/// Maximum number of attempts of a call.
///
/// Only transient failures are retried, and only if a retry is safe. A call that changes something and carries no token
/// is repeated only if the first request was certainly not executed.
public struct RetryPolicy: Sendable, Hashable {
    /// Maximum number of attempts, including the first; at least 1.
    public var maximumAttempts: Int

    /// Creates a policy.
    ///
    /// - Parameter maximumAttempts: Maximum number of attempts, including the first; values below 1 count as 1.
    public init(maximumAttempts: Int) { self.maximumAttempts = max(1, maximumAttempts) }

    /// Three attempts.
    public static let standard = RetryPolicy(maximumAttempts: 3)
    /// One attempt.
    public static let disabled = RetryPolicy(maximumAttempts: 1)
}
