import Dispatch
import Synchronization

@testable import joblined

/// Keeps what is written, and hangs or fails where a test wants it.
final class RecordingOutput: LogOutput {
    private struct State {
        var entries: [LogEntry] = []
        var lastWords: String?
        var isFailing = false
    }

    private let state = Mutex(State())
    /// Each write waits for one signal, where there is a gate.
    private let gate: DispatchSemaphore?
    /// Signalled as each write begins.
    let begun = DispatchSemaphore(value: 0)

    init(gate: DispatchSemaphore? = nil) { self.gate = gate }

    var entries: [LogEntry] { state.withLock(\.entries) }
    var messages: [String] { entries.map(\.message) }
    var lastWords: String? { state.withLock(\.lastWords) }
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

    func write(lastWords: LogEntry) { state.withLock { $0.lastWords = lastWords.message } }
}
