internal import LibC
internal import Synchronization
internal import SystemPackage

/// Tells the thread of an executor whether its program may start, and wakes the thread.
final class ExecutorGate: Sendable {
    enum Decision: Sendable, Hashable {
        /// The program may start, with this standard input.
        case begin([UInt8])
        /// The program must not start.
        case refuse
    }

    private let pipe: Pipe
    private let decision = Mutex<Decision?>(nil)

    init() throws(Errno) {
        pipe = try Pipe()
        try pipe.reader.setNonBlocking()
        try pipe.writer.setNonBlocking()
    }

    /// Descriptor that becomes readable after ``wake()``.
    var number: CInt { pipe.reader.number }

    /// Decides whether the program starts.
    ///
    /// - Parameter input: Standard input of the program; nil: it must not start.
    func decide(_ input: [UInt8]?) {
        decision.withLock { $0 = input.map(Decision.begin) ?? .refuse }
        wake()
    }

    /// Returns the decision once; nil before there is one and after it was taken.
    func takeDecision() -> Decision? {
        decision.withLock { decision in
            defer { decision = nil }
            return decision
        }
    }

    /// Wakes the thread, even if it is not waiting yet.
    func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes the thread, too, so the result does not matter.
        write(pipe.writer.number, &byte, 1)
    }

    /// Reads pending wake-ups, so that the thread can wait again.
    func clearWakeUps() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(pipe.reader.number, &bytes, bytes.count) > 0 {}
    }
}
