import Testing

@testable import JoblineEmbedded

@Suite("Commit pace")
struct CommitPaceTests {
    private let start = ContinuousClock.now

    private func time(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("A single writer does not wait")
    func alone() {
        var pace = CommitPace(interval: .milliseconds(2))
        #expect(pace.rest(at: time(0)) == .zero)
        pace.began(writes: 1, at: time(0))
        #expect(pace.rest(at: time(0)) == .zero)
    }

    @Test("The commit after one of many writes begins an interval after the begin of that one")
    func shared() {
        var pace = CommitPace(interval: .milliseconds(5))
        pace.began(writes: 16, at: time(10))
        #expect(pace.rest(at: time(10)) == .milliseconds(5))
        #expect(pace.rest(at: time(13)) == .milliseconds(2))
        #expect(pace.rest(at: time(15)) == .zero)
        #expect(pace.rest(at: time(100)) == .zero)
    }

    @Test("The delay is proportional to the number of writes")
    func few() {
        var pace = CommitPace(interval: .milliseconds(16))
        for writes in 2...16 {
            pace.began(writes: writes, at: time(0))
            #expect(pace.rest(at: time(0)) == .milliseconds(writes))
        }
        pace.began(writes: 500, at: time(0))
        #expect(pace.rest(at: time(0)) == .milliseconds(16))
    }

    @Test(
        "After a commit of one write the next one begins at once, whatever was before",
        arguments: [0, 1], [1, 3, 9])
    func last(writes: Int, before: Int) {
        var pace = CommitPace(interval: .milliseconds(5))
        pace.began(writes: before, at: time(0))
        pace.began(writes: writes, at: time(5))
        #expect(pace.rest(at: time(5)) == .zero)
    }
}
