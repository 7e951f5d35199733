import Dispatch
import JoblineProtocol
import Logging
import Testing

@testable import joblined

@Suite("Log queue")
struct LogQueueTests {
    private static let time = Timestamp(milliseconds: 0)

    private func queue(_ output: RecordingOutput) -> LogQueue { LogQueue(output) { Self.time } }

    private func entry(_ message: String, _ level: Logger.Level = .info) -> LogEntry {
        LogEntry(time: Self.time, level: level, message: message)
    }

    @Test("All entries are written in order")
    func order() {
        let output = RecordingOutput()
        let queue = queue(output)
        for number in 0..<1000 { queue.append(entry("\(number)")) }
        queue.flush()
        #expect(output.messages == (0..<1000).map { "\($0)" })
    }

    @Test("A hanging output blocks no caller, and lost entries are counted and logged")
    func hanging() {
        let gate = DispatchSemaphore(value: 0)
        let output = RecordingOutput(gate: gate)
        let queue = queue(output)
        queue.append(entry("first"))
        output.begun.wait()
        let count = 20_000
        for number in 0..<count { queue.append(entry("\(number)")) }
        // One write is in progress, one has the remaining entries, and one the number of lost entries.
        for _ in 0..<3 { gate.signal() }
        queue.flush()
        let written = output.entries
        let kept = LogQueue.capacity / entry("12345").cost
        #expect(written.count > kept - 100 && written.count <= kept + 100)
        let loss = written.last
        #expect(loss?.level == .warning)
        #expect(loss?.fields == [.init(key: "lost", value: "\(count + 1 - (written.count - 1))")])
    }

    @Test("Debug entries leave space for more important ones")
    func room() {
        let gate = DispatchSemaphore(value: 0)
        let output = RecordingOutput(gate: gate)
        let queue = queue(output)
        for number in 0..<20_000 { queue.append(entry("\(number)", .debug)) }
        queue.append(entry("the disk is full", .error))
        for _ in 0..<5 { gate.signal() }
        queue.flush()
        #expect(output.messages.contains("the disk is full"))
    }

    @Test("The number of entries that could not be written is logged later")
    func failing() {
        let output = RecordingOutput()
        let queue = queue(output)
        output.isFailing = true
        for number in 0..<3 {
            queue.append(entry("\(number)"))
            queue.flush()
        }
        output.isFailing = false
        queue.append(entry("again"))
        queue.flush()
        #expect(output.messages == ["again", "log entries were lost"])
        #expect(output.entries.last?.fields == [.init(key: "lost", value: "3")])
    }

    @Test("The reason for the end of the process is written last")
    func exitReason() {
        let output = RecordingOutput()
        let queue = queue(output)
        queue.append(entry("before"))
        queue.append(exitReason: entry("the end"))
        queue.flush()
        #expect(output.messages == ["before"])
        #expect(output.exitReason == "the end")
    }
}
