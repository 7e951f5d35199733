import Dispatch
import Synchronization

@testable import joblined

/// Output that records entries, and can block or fail.
final class RecordingOutput: LogOutput {
    private struct State {
        var entries: [LogEntry] = []
        var exitReason: String?
        var isFailing = false
    }

    private let state = Mutex(State())
    /// Blocks each write until signalled, if there is one.
    private let gate: DispatchSemaphore?
    /// Signalled at the start of each write.
    let begun = DispatchSemaphore(value: 0)

    init(gate: DispatchSemaphore? = nil) { self.gate = gate }

    var entries: [LogEntry] { state.withLock(\.entries) }
    var messages: [String] { entries.map(\.message) }
    var exitReason: String? { state.withLock(\.exitReason) }
    var isFailing: Bool {
        get { state.withLock(\.isFailing) }
        set { state.withLock { $0.isFailing = newValue } }
    }

    func write(_ entries: [LogEntry]) -> Int {
        begun.signal()
        gate?.wait()
        return state.withLock { state in
            if state.isFailing { return entries.count }
            state.entries += entries
            return 0
        }
    }

    func write(exitReason: LogEntry) { state.withLock { $0.exitReason = exitReason.message } }
}
