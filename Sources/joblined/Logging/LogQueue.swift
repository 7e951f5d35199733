internal import Dispatch
internal import JoblineProtocol
internal import Logging
internal import Synchronization

/// Queue of entries, written on its own thread so that a blocked journal or pipe does not delay other work.
///
/// The queue is bounded. Entries that do not fit are dropped, and their number is logged as soon as entries can be
/// written again.
final class LogQueue: Sendable {
    /// Maximum bytes of waiting entries, about 4,000 requests.
    static let capacity = 4 << 20

    private struct State {
        var waiting: [LogEntry] = []
        /// Bytes of entries that wait or are being written.
        var bytes = 0
        /// Entries dropped, or not written because of an error.
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

    /// Appends an entry.
    func append(_ entry: LogEntry) {
        let cost = entry.cost
        // Debug entries only get three quarters of the space, so that they do not displace more important ones.
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

    /// Appends the reason for the end of the process, written last.
    func append(exitReason: LogEntry) {
        queue.async(group: unwritten) { self.output.write(exitReason: exitReason) }
    }

    /// Runs `body` after a delay; later if the log is blocked.
    func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .seconds(Int(delay.components.seconds)), execute: body)
    }

    /// Blocks until everything is written, for at most 1 s; for the end of the process.
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

    /// Takes all waiting entries and the number of entries lost before them; returns nil if there is nothing to write.
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
            time: now(), level: .warning, message: "log entries were lost",
            fields: [.init(key: "lost", value: "\(lost)")])
    }
}
