internal import JoblineProtocol
internal import NIOCore

extension EventLoop {
    /// Runs a timer of a connection on its own event loop.
    func scheduleTimer(in time: Duration, _ body: @escaping () -> Void) -> Scheduled<Void> {
        // Never at once, so that two clocks that disagree do not make the timer spin.
        let delay = max(time.nanoseconds, 100_000)
        return assumeIsolated().scheduleTask(in: .nanoseconds(delay)) { body() }
    }
}
