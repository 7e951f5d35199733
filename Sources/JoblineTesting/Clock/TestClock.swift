public import Jobline
internal import Synchronization

/// A clock that advances only when a test or a sleeper moves it.
///
/// A ``TestServer`` and its clients read the wall clock and elapsed time from it. It governs job timestamps, expiry, rate
/// limits, server deadlines, retry backoff and injected delays.
///
/// It does not govern timers of the event loops, which use real time: the client's reconnect backoff (50 ms to 1 s), the
/// client's own call timeout, and the timeouts for reading a frame and for writing replies.
public final class TestClock: Sendable {
    /// Behavior of a sleep.
    public enum Mode: Sendable, Hashable {
        /// A sleep advances the clock to its end and returns immediately.
        case automatic
        /// A sleep waits until ``advance(by:)`` reaches its end.
        case manual
    }

    /// Behavior of a sleep.
    public let mode: Mode
    private let start: Timestamp
    private let state = Mutex(State())

    private struct Sleeper {
        let end: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var nextNumber = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Continuations of ``waitForSleepers(_:)`` calls.
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        /// Callbacks invoked after each advance.
        var listeners: [Int: @Sendable () -> Void] = [:]

        mutating func number() -> Int {
            nextNumber += 1
            return nextNumber
        }
    }

    /// Creates a clock.
    ///
    /// - Parameters:
    ///   - mode: Behavior of a sleep.
    ///   - start: Initial time of day; 2025-01-01T00:00:00Z by default.
    public init(_ mode: Mode = .automatic, startingAt start: Timestamp = Timestamp(milliseconds: 1_735_689_600_000)) {
        self.mode = mode
        self.start = start
    }

    /// Current time of day.
    public var now: Timestamp { Timestamp(milliseconds: start.milliseconds + Int64(elapsed / .milliseconds(1))) }

    /// Time elapsed since the clock was created.
    public var elapsed: Duration { state.withLock(\.elapsed) }

    /// Number of current sleepers.
    public var sleepers: Int { state.withLock(\.sleepers.count) }

    /// Advances the clock and wakes the sleepers that are due.
    ///
    /// Woken sleepers resume in their own tasks, possibly after this method returns.
    ///
    /// - Parameter duration: Time to advance by; zero and negative durations have no effect.
    public func advance(by duration: Duration) {
        move { $0 + duration }
    }

    /// Waits until at least `count` tasks sleep on this clock.
    ///
    /// A test in manual mode calls this before it advances the clock.
    ///
    /// - Parameter count: Number of sleepers to wait for, at least 1.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func waitForSleepers(_ count: Int = 1) async throws {
        let (signals, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            let number = state.number()
            state.observers[number] = continuation
            return number
        }
        defer { state.withLock { _ = $0.observers.removeValue(forKey: number) } }
        if sleepers >= count { return }
        for await _ in signals where sleepers >= count { return }
        throw CancellationError()
    }

    /// Sleeps on this clock.
    ///
    /// - Parameter duration: Time to sleep; zero and negative durations return immediately.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        let end = elapsed + duration
        switch mode {
        case .automatic: move { max($0, end) }
        case .manual: try await wait(until: end)
        }
    }

    private func wait(until end: Duration) async throws {
        let number = state.withLock { $0.number() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation after this check finds the sleeper in the state.
                    guard !Task.isCancelled, state.elapsed < end else { return true }
                    state.sleepers[number] = Sleeper(end: end, continuation: continuation)
                    for observer in state.observers.values { observer.yield() }
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    private func move(_ step: (Duration) -> Duration) {
        let (woken, listeners) = state.withLock { state in
            let moved = max(state.elapsed, step(state.elapsed))
            guard moved > state.elapsed else { return ([Sleeper](), [@Sendable () -> Void]()) }
            state.elapsed = moved
            let due = state.sleepers.filter { $0.value.end <= moved }
            for number in due.keys { state.sleepers[number] = nil }
            return (due.values.sorted { $0.end < $1.end }, Array(state.listeners.values))
        }
        for listener in listeners { listener() }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Registers a callback that is invoked after each advance.
    ///
    /// - Returns: Registration to pass to ``stopListening(_:)``.
    func listen(_ body: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            let number = state.number()
            state.listeners[number] = body
            return number
        }
    }

    func stopListening(_ number: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: number) } }
}
