internal import LibC
internal import Synchronization
internal import SystemPackage

/// Says to the thread of an executor whether its program may begin, and wakes the thread.
final class ExecutorGate: Sendable {
    enum Decision: Sendable, Hashable {
        /// The program may begin, with this standard input.
        case begin([UInt8])
        /// The program is not to begin.
        case refuse
    }

    private let pipe: Pipe
    private let decision = Mutex<Decision?>(nil)

    init() throws(Errno) {
        pipe = try Pipe()
        try pipe.reader.setNonBlocking()
        try pipe.writer.setNonBlocking()
    }

    /// Can be read from after ``wake()``.
    var number: CInt { pipe.reader.number }

    /// - Parameter input: The standard input of the program; nil: it is not to begin.
    func decide(_ input: [UInt8]?) {
        decision.withLock { $0 = input.map(Decision.begin) ?? .refuse }
        wake()
    }

    /// Takes the decision, which is there once.
    func takeDecision() -> Decision? {
        decision.withLock { decision in
            defer { decision = nil }
            return decision
        }
    }

    /// Wakes the thread, now or when it waits next.
    func wake() {
        var byte: UInt8 = 1
        // A pipe that is full wakes it, too.
        write(pipe.writer.number, &byte, 1)
    }

    /// Lets the thread wait until it is woken again.
    func clearWakeUps() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(pipe.reader.number, &bytes, bytes.count) > 0 {}
    }
}
