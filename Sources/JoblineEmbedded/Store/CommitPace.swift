/// When commits begin.
///
/// What a commit costs beside its writes is more than a write costs, so that many small commits take the processor from those
/// who read. Where the last one was shared, others are likely to come soon: the next one leaves them time. A writer that is
/// alone waits for nobody.
struct CommitPace: Sendable {
    /// From the beginning of a shared commit to that of the next one, at least.
    let interval: Duration
    /// Before that no commit begins.
    private var next: ContinuousClock.Instant?

    init(interval: Duration) { self.interval = interval }

    /// A commit of so many writes began.
    mutating func began(writes: Int, at now: ContinuousClock.Instant) {
        next = writes > 1 ? now.advanced(by: interval) : nil
    }

    /// For how long no commit begins.
    func rest(at now: ContinuousClock.Instant) -> Duration {
        next.map { max(.zero, now.duration(to: $0)) } ?? .zero
    }
}
