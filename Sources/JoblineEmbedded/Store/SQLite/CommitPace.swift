/// When commits begin.
///
/// What a commit costs beside its writes is more than a write costs, so that many small commits take the processor from those
/// who read. Where the last one was shared, others are likely to come soon: the next one leaves them time, the more of it the
/// more they were. A writer that is alone waits for nobody, and of few that wait for their answers each waits hardly longer.
struct CommitPace: Sendable {
    /// From so many writes in a commit on, the next one leaves the others all of the interval.
    private static let many = 16

    /// From the beginning of a commit of many writes to that of the next one, at least.
    let interval: Duration
    /// Before that no commit begins.
    private var next: ContinuousClock.Instant?

    init(interval: Duration) { self.interval = interval }

    /// A commit of so many writes began.
    mutating func began(writes: Int, at now: ContinuousClock.Instant) {
        next = writes > 1 ? now.advanced(by: interval * min(writes, Self.many) / Self.many) : nil
    }

    /// For how long no commit begins.
    func rest(at now: ContinuousClock.Instant) -> Duration {
        next.map { max(.zero, now.duration(to: $0)) } ?? .zero
    }
}
