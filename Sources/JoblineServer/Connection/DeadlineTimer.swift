internal import JoblineProtocol
internal import NIOCore

/// One timer for the deadlines of all requests of a connection.
struct DeadlineTimer {
    private var timer: Scheduled<Void>?
    /// Time at which the timer fires; nil if it is not set.
    private(set) var deadline: ContinuousClock.Instant?

    /// Makes the timer fire no later than a deadline.
    mutating func set(
        _ deadline: ContinuousClock.Instant, at now: ContinuousClock.Instant, _ context: ChannelHandlerContext,
        fire: @escaping () -> Void
    ) {
        if let known = self.deadline, known <= deadline { return }
        timer?.cancel()
        self.deadline = deadline
        timer = context.eventLoop.scheduleTimer(in: now.duration(to: deadline), fire)
    }

    /// The timer fired, or is not needed any more.
    mutating func clear() {
        timer?.cancel()
        timer = nil
        deadline = nil
    }
}
