/// Delay before the next commit, so that concurrent writers share commits.
///
/// The fixed cost of a commit exceeds that of a write: many small commits take processor time from readers. After a commit of
/// several writes the next one is delayed, in proportion to their number. A single writer is never delayed.
struct CommitPace: Sendable {
    /// Number of writes in a commit from which on the next commit is delayed by the whole interval.
    private static let many = 16

    /// Minimum time from the begin of a commit of many writes to that of the next one.
    let interval: Duration
    /// Earliest begin of the next commit; nil: at once.
    private var next: ContinuousClock.Instant?

    init(interval: Duration) { self.interval = interval }

    /// Records the begin of a commit.
    mutating func began(writes: Int, at now: ContinuousClock.Instant) {
        next = writes > 1 ? now.advanced(by: interval * min(writes, Self.many) / Self.many) : nil
    }

    /// Returns the time until the next commit may begin.
    func rest(at now: ContinuousClock.Instant) -> Duration {
        next.map { max(.zero, now.duration(to: $0)) } ?? .zero
    }
}
