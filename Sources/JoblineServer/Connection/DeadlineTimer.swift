internal import JoblineProtocol
internal import NIOCore

/// One timer for the deadlines of all requests of a connection.
struct DeadlineTimer {
    private var timer: Scheduled<Void>?
    /// Time at which the timer fires; nil if it is not set.
    private(set) var deadline: ContinuousClock.Instant?

    /// Whether the timer fires no later than a deadline.
    func fires(by deadline: ContinuousClock.Instant) -> Bool { self.deadline.map { $0 <= deadline } ?? false }

    /// Sets the timer to a deadline.
    mutating func set(
        _ deadline: ContinuousClock.Instant, at now: ContinuousClock.Instant, _ context: ChannelHandlerContext,
        fire: @escaping () -> Void
    ) {
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
