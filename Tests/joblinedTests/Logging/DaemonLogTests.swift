import JoblineProtocol
import Logging
import Testing

@testable import joblined

@Suite("Daemon log")
struct DaemonLogTests {
    private let output = RecordingOutput()
    private let log: DaemonLog

    init() { log = DaemonLog(output, now: { Timestamp(milliseconds: 0) }) }

    @Test("The threshold applies to every logger without its own level")
    func threshold() {
        let early = log.logger("early")
        var copy = early
        copy[metadataKey: "uid"] = "1000"
        var own = log.logger("own")
        own.logLevel = .error
        early.debug("unheard")
        #expect(early.logLevel == .info)
        log.threshold.level = .debug
        for logger in [early, copy, own] { logger.debug("heard") }
        log.threshold.level = .warning
        for logger in [early, copy, own] { logger.notice("unheard") }
        log.flush()
        #expect(output.messages == ["heard", "heard"])
        #expect(output.entries.map(\.fields) == [[], [.init(key: "uid", value: "1000")]])
    }

    @Test("Every level is stored unchanged", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) {
        let threshold = LogThreshold(.info)
        threshold.level = level
        #expect(threshold.level == level)
        #expect(LogThreshold(level).level == level)
    }

    @Test("Repeated entries are limited, and counted at the end")
    func rateLimiter() {
        let logger = log.logger("test")
        for _ in 0..<1000 { logger.error("failed", metadata: ["error": "x"]) }
        log.flush()
        #expect(output.entries.count == LogRateLimiter.burst + 1)
        #expect(output.entries.last?.fields == [.init(key: "left-out", value: "\(1000 - LogRateLimiter.burst)")])
    }

    @Test("The reason for the end of the process is written last")
    func end() {
        log.logger("test").notice("draining")
        log.end("the state directory is gone")
        #expect(output.messages == ["draining"])
        #expect(output.exitReason == "the state directory is gone")
    }
}
