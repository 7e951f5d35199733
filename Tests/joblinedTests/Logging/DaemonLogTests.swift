import JoblineProtocol
import Logging
import Testing

@testable import joblined

@Suite("Daemon log")
struct DaemonLogTests {
    private let output = RecordingOutput()
    private let log: DaemonLog

    init() { log = DaemonLog(output, now: { Timestamp(milliseconds: 0) }) }

    @Test("One threshold moves every logger there is, and none that has a level of its own")
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

    @Test("Every level is kept as it is set", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) {
        let threshold = LogThreshold(.info)
        threshold.level = level
        #expect(threshold.level == level)
        #expect(LogThreshold(level).level == level)
    }

    @Test("A flood is bounded, and at the end it is told how large it was")
    func flood() {
        let logger = log.logger("test")
        for _ in 0..<1000 { logger.error("failed", metadata: ["error": "x"]) }
        log.flush()
        #expect(output.entries.count == LogFlood.burst + 1)
        #expect(output.entries.last?.fields == [.init(key: "left-out", value: "\(1000 - LogFlood.burst)")])
    }

    @Test("Why the process ends comes after all else")
    func end() {
        log.logger("test").notice("draining")
        log.end("the state directory is gone")
        #expect(output.messages == ["draining"])
        #expect(output.lastWords == "the state directory is gone")
    }
}
