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

    @Test("Everything is written, in its order")
    func order() {
        let output = RecordingOutput()
        let queue = queue(output)
        for number in 0..<1000 { queue.append(entry("\(number)")) }
        queue.flush()
        #expect(output.messages == (0..<1000).map { "\($0)" })
    }

    @Test("An output that hangs holds nobody up; what is lost meanwhile is counted and told")
    func hanging() {
        let gate = DispatchSemaphore(value: 0)
        let output = RecordingOutput(gate: gate)
        let queue = queue(output)
        queue.append(entry("first"))
        output.begun.wait()
        let count = 20_000
        for number in 0..<count { queue.append(entry("\(number)")) }
        // One is being written, one has the rest, and one tells what was lost.
        for _ in 0..<3 { gate.signal() }
        queue.flush()
        let written = output.entries
        let kept = LogQueue.capacity / entry("12345").cost
        #expect(written.count > kept - 100 && written.count <= kept + 100)
        let loss = written.last
        #expect(loss?.level == .warning)
        #expect(loss?.fields == [.init(key: "lost", value: "\(count + 1 - (written.count - 1))")])
    }

    @Test("Details of requests leave room for what an operator has to know")
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

    @Test("What cannot be written is told when it can be again")
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
        #expect(output.messages == ["again", "lines of the log were lost"])
        #expect(output.entries.last?.fields == [.init(key: "lost", value: "3")])
    }

    @Test("Why the process ends is written last")
    func lastWords() {
        let output = RecordingOutput()
        let queue = queue(output)
        queue.append(entry("before"))
        queue.append(lastWords: entry("the end"))
        queue.flush()
        #expect(output.messages == ["before"])
        #expect(output.lastWords == "the end")
    }
}
