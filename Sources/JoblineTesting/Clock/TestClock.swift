public import Jobline
internal import Synchronization

/// Time that stands still until a test, or somebody who sleeps, moves it.
///
/// A ``TestServer`` and its clients take the time of day and the time that passes from it: times of jobs and their expiry,
/// rate limits, the deadlines that the server keeps, pauses before a retry, delays that are injected.
///
/// It does not govern the timers of the event loops, which go by the machine's clock: the pause before a client connects again
/// after a failure (50 ms to 1 s), the moment at which a client gives up a call that the server leaves unanswered for its whole
/// timeout in real time, and how long a peer may take for one frame or to read its replies.
public final class TestClock: Sendable {
    /// What happens when somebody sleeps.
    public enum Mode: Sendable, Hashable {
        /// Time moves on to the sleeper's end at once, so that nobody waits.
        case automatic
        /// The sleeper waits until ``advance(by:)`` has come to its end.
        case manual
    }

    /// What happens when somebody sleeps.
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
        /// Wakes those who wait for sleepers.
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        /// Told whenever time has moved.
        var listeners: [Int: @Sendable () -> Void] = [:]

        mutating func number() -> Int {
            nextNumber += 1
            return nextNumber
        }
    }

    /// A clock.
    ///
    /// - Parameters:
    ///   - mode: What happens when somebody sleeps.
    ///   - start: The time of day that it begins with; 2025-01-01T00:00:00Z if not given.
    public init(_ mode: Mode = .automatic, startingAt start: Timestamp = Timestamp(milliseconds: 1_735_689_600_000)) {
        self.mode = mode
        self.start = start
    }

    /// The time of day.
    public var now: Timestamp { Timestamp(milliseconds: start.milliseconds + Int64(elapsed / .milliseconds(1))) }

    /// How far time has moved since the clock was made.
    public var elapsed: Duration { state.withLock(\.elapsed) }

    /// How many sleep now.
    public var sleepers: Int { state.withLock(\.sleepers.count) }

    /// Moves time, and wakes those whose sleep is over.
    ///
    /// They go on in tasks of their own: what they do then has not happened yet when this returns.
    ///
    /// - Parameter duration: How far; a negative one changes nothing.
    public func advance(by duration: Duration) {
        move { $0 + duration }
    }

    /// Waits until so many sleep, so that a test in manual mode knows when to move time.
    ///
    /// - Parameter count: How many, at least 1.
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

    /// Sleeps by this clock.
    ///
    /// - Parameter duration: How long; nothing waits for one that is not positive.
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
                    // Whoever cancels later finds the sleeper.
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

    /// Has `body` called whenever time has moved.
    ///
    /// - Returns: What to give to ``stopListening(_:)``.
    func listen(_ body: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            let number = state.number()
            state.listeners[number] = body
            return number
        }
    }

    func stopListening(_ number: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: number) } }
}
