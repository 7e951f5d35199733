import JoblineProtocol
import Logging
import Testing

@testable import joblined

@Suite("Log rate limiter")
struct LogRateLimiterTests {
    private let start = ContinuousClock.now

    private func entry(_ level: Logger.Level, line: UInt = 1, number: Int = 0) -> LogEntry {
        LogEntry(
            time: Timestamp(milliseconds: 0), level: level, message: "failed",
            fields: [.init(key: "number", value: "\(number)")], file: "Module/File.swift", function: "f()", line: line)
    }

    @Test("Ten entries of a location are written, then the number of suppressed ones")
    func summary() {
        var rateLimiter = LogRateLimiter()
        var decisions: [LogRateLimiter.Decision] = []
        for number in 0..<100 { decisions.append(rateLimiter.decide(on: entry(.error, number: number), at: start)) }
        let site = LogRateLimiter.Site(file: "Module/File.swift", line: 1)
        #expect(decisions.prefix(10).allSatisfy { $0 == .write })
        #expect(decisions[10] == .suppressAndSummarise(site))
        #expect(decisions.dropFirst(11).allSatisfy { $0 == .suppress })

        let summary = rateLimiter.summary(of: site)
        #expect(summary?.level == .error)
        #expect(summary?.message == "failed")
        #expect(summary?.fields == [.init(key: "left-out", value: "90")])
        #expect(rateLimiter.summary(of: site) == nil)
        #expect(rateLimiter.decide(on: entry(.error), at: start) == .write)
    }

    @Test("Locations are limited independently")
    func places() {
        var rateLimiter = LogRateLimiter()
        for _ in 0..<20 { _ = rateLimiter.decide(on: entry(.error), at: start) }
        #expect(rateLimiter.decide(on: entry(.error, line: 2), at: start) == .write)
    }

    @Test("Infrequent entries are all written")
    func slow() {
        var rateLimiter = LogRateLimiter()
        for minute in 0..<20 {
            for _ in 0..<10 {
                #expect(rateLimiter.decide(on: entry(.info), at: start + LogRateLimiter.window * minute) == .write)
            }
        }
        #expect(rateLimiter.summaries().isEmpty)
    }

    @Test("Debug entries are never suppressed")
    func debugging() {
        var rateLimiter = LogRateLimiter()
        for _ in 0..<1000 { #expect(rateLimiter.decide(on: entry(.debug), at: start) == .write) }
    }

    @Test("All summaries are returned at the end")
    func end() {
        var rateLimiter = LogRateLimiter()
        for _ in 0..<12 { _ = rateLimiter.decide(on: entry(.error), at: start) }
        for _ in 0..<13 { _ = rateLimiter.decide(on: entry(.error, line: 2), at: start) }
        _ = rateLimiter.decide(on: entry(.error, line: 3), at: start)
        #expect(rateLimiter.summaries().compactMap(\.fields.first?.value).sorted() == ["2", "3"])
    }
}
