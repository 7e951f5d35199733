import JoblineProtocol
import Logging
import Testing

@testable import joblined

@Suite("Log flood")
struct LogFloodTests {
    private let start = ContinuousClock.now

    private func entry(_ level: Logger.Level, line: UInt = 1, number: Int = 0) -> LogEntry {
        LogEntry(
            time: Timestamp(milliseconds: 0), level: level, message: "failed",
            fields: [.init(key: "number", value: "\(number)")], file: "Module/File.swift", function: "f()", line: line)
    }

    @Test("Of one place ten lines are written, and then how many there were beside them")
    func summary() {
        var flood = LogFlood()
        var verdicts: [LogFlood.Verdict] = []
        for number in 0..<100 { verdicts.append(flood.judge(entry(.error, number: number), at: start)) }
        let site = LogFlood.Site(file: "Module/File.swift", line: 1)
        #expect(verdicts.prefix(10).allSatisfy { $0 == .write })
        #expect(verdicts[10] == .leaveOutAndSummarise(site))
        #expect(verdicts.dropFirst(11).allSatisfy { $0 == .leaveOut })

        let summary = flood.summary(of: site)
        #expect(summary?.level == .error)
        #expect(summary?.message == "failed")
        #expect(summary?.fields == [.init(key: "left-out", value: "90")])
        #expect(flood.summary(of: site) == nil)
        #expect(flood.judge(entry(.error), at: start) == .write)
    }

    @Test("One place does not silence another")
    func places() {
        var flood = LogFlood()
        for _ in 0..<20 { _ = flood.judge(entry(.error), at: start) }
        #expect(flood.judge(entry(.error, line: 2), at: start) == .write)
    }

    @Test("What comes slowly is all written")
    func slow() {
        var flood = LogFlood()
        for minute in 0..<20 {
            for _ in 0..<10 {
                #expect(flood.judge(entry(.info), at: start + LogFlood.window * minute) == .write)
            }
        }
        #expect(flood.summaries().isEmpty)
    }

    @Test("Every line of debugging is written")
    func debugging() {
        var flood = LogFlood()
        for _ in 0..<1000 { #expect(flood.judge(entry(.debug), at: start) == .write) }
    }

    @Test("At the end everything left out is told")
    func end() {
        var flood = LogFlood()
        for _ in 0..<12 { _ = flood.judge(entry(.error), at: start) }
        for _ in 0..<13 { _ = flood.judge(entry(.error, line: 2), at: start) }
        _ = flood.judge(entry(.error, line: 3), at: start)
        #expect(flood.summaries().compactMap(\.fields.first?.value).sorted() == ["2", "3"])
    }
}
