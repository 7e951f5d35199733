internal import Dispatch
internal import JoblineProtocol
internal import Logging
internal import Synchronization

/// Writes entries from a thread of its own: a journal that hangs, or a pipe that nobody reads, holds up nothing else.
///
/// So much may wait; what comes then is lost, and how much that was is the first that is written when writing goes on.
final class LogQueue: Sendable {
    /// What may wait and be written at a time, in bytes: some four thousand lines of requests.
    static let capacity = 4 << 20

    private struct State {
        var waiting: [LogEntry] = []
        /// What the entries cost that wait or are being written.
        var bytes = 0
        /// Entries that found no room, or could not be written.
        var lost = 0
        var isWriting = false
    }

    private let output: any LogOutput
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "jobline.log")
    private let unwritten = DispatchGroup()

    init(_ output: any LogOutput, now: @escaping @Sendable () -> Timestamp) {
        self.output = output
        self.now = now
    }

    /// Has an entry written soon.
    func append(_ entry: LogEntry) {
        let cost = entry.cost
        // The details of requests must not take the room of what an operator has to know.
        let room = entry.level <= .debug ? Self.capacity / 4 * 3 : Self.capacity
        let begins = state.withLock { state in
            guard state.bytes + cost <= room else {
                state.lost += 1
                return false
            }
            state.waiting.append(entry)
            state.bytes += cost
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async(group: unwritten) { self.write() } }
    }

    /// Has why the process ends written after all else.
    func append(lastWords: LogEntry) {
        queue.async(group: unwritten) { self.output.write(lastWords: lastWords) }
    }

    /// Does something later, if the log is not held up then.
    func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .seconds(Int(delay.components.seconds)), execute: body)
    }

    /// Waits, on the calling thread, until everything is written; a second at most. For the end of the process.
    func flush() { _ = unwritten.wait(timeout: .now() + 1) }

    private func write() {
        var isFailing = false
        while let (entries, lost) = take(isFailing: isFailing) {
            var failures = output.write(entries)
            if lost > 0, failures > 0 || output.write([lossEntry(lost)]) > 0 { failures += lost }
            let cost = entries.reduce(0) { $0 + $1.cost }
            state.withLock { state in
                state.bytes -= cost
                state.lost += failures
            }
            isFailing = failures > 0
        }
    }

    /// All that waits, and how much was lost before it; nil where there is nothing to be done.
    private func take(isFailing: Bool) -> (entries: [LogEntry], lost: Int)? {
        state.withLock { state in
            if state.waiting.isEmpty, state.lost == 0 || isFailing {
                state.isWriting = false
                return nil
            }
            defer {
                state.waiting = []
                state.lost = 0
            }
            return (state.waiting, state.lost)
        }
    }

    private func lossEntry(_ lost: Int) -> LogEntry {
        LogEntry(
            time: now(), level: .warning, message: "lines of the log were lost",
            fields: [.init(key: "lost", value: "\(lost)")])
    }
}
