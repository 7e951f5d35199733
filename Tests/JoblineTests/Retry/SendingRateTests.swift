import Testing

@testable import Jobline

@Suite("Sending rate")
struct SendingRateTests {
    /// Sends at a steady rate for a while, all answered well, beginning at `start`.
    static func send(_ rate: inout SendingRate, perSecond: Int, from start: Duration, seconds: Int) {
        for index in 0..<perSecond * seconds {
            rate.answered(isThrottled: false, now: start + .seconds(1) * index / perSecond)
        }
    }

    static func isNear(_ value: Double, _ expected: Double, by tolerance: Double = 0.01) -> Bool {
        abs(value - expected) <= expected * tolerance
    }

    @Test("No call waits before the first throttling")
    func off() {
        var rate = SendingRate(now: .zero)
        Self.send(&rate, perSecond: 100, from: .zero, seconds: 10)
        #expect(!rate.isEnabled)
        for _ in 0..<1000 { #expect(rate.admit(now: .seconds(10), within: .zero) == .now) }
    }

    @Test("Throttling reduces the rate to 0.7 of the sent rate")
    func throttling() {
        var rate = SendingRate(now: .zero)
        Self.send(&rate, perSecond: 100, from: .zero, seconds: 10)
        #expect(Self.isNear(rate.measuredRate, 100))
        rate.answered(isThrottled: true, now: .seconds(10))
        #expect(rate.isEnabled)
        #expect(Self.isNear(rate.rate, 70))
    }

    @Test("The rate recovers along 0.4·(t - k)³ + w_max, k = cbrt(w_max·0.3/0.4)")
    func recovery() {
        var rate = SendingRate(now: .zero)
        Self.send(&rate, perSecond: 100, from: .zero, seconds: 10)
        rate.answered(isThrottled: true, now: .seconds(10))
        let maximum = rate.rate / 0.7
        // k = cbrt(75) = 4.217 s: the curve is flat there and accelerates beyond.
        for (seconds, expected) in [(1, 86.69), (2, 95.64), (4, 99.996), (5, 100.19), (6, 102.27)] {
            Self.send(&rate, perSecond: 100, from: .seconds(9 + seconds) + .milliseconds(10), seconds: 1)
            rate.answered(isThrottled: false, now: .seconds(10 + seconds))
            #expect(Self.isNear(rate.rate, expected * maximum / 100), "after \(seconds) s: \(rate.rate)")
        }
    }

    @Test("The rate is at most twice the sent rate, and at least one call in two seconds")
    func bounds() {
        var rate = SendingRate(now: .zero)
        rate.answered(isThrottled: true, now: .zero)
        #expect(rate.rate == SendingRate.minimumRate)
        for second in 1...60 { rate.answered(isThrottled: false, now: .seconds(second)) }
        #expect(Self.isNear(rate.rate, 2))
    }

    @Test("Attempts take slots in order; an attempt whose slot is too late takes none")
    func turns() {
        var rate = SendingRate(now: .zero)
        rate.answered(isThrottled: true, now: .zero)
        // Half a token a second, and no token yet.
        #expect(rate.admit(now: .zero, within: .seconds(10)) == .after(.seconds(2)))
        #expect(rate.admit(now: .zero, within: .seconds(10)) == .after(.seconds(4)))
        #expect(rate.admit(now: .zero, within: .seconds(5)) == .tooLate(.seconds(6)))
        #expect(rate.admit(now: .seconds(1), within: .seconds(10)) == .after(.seconds(5)))
        #expect(rate.admit(now: .seconds(8), within: .zero) == .now)
    }

    @Test("An unused slot is available to the next attempt")
    func givenBack() {
        var rate = SendingRate(now: .zero)
        rate.answered(isThrottled: true, now: .zero)
        #expect(rate.admit(now: .zero, within: .seconds(10)) == .after(.seconds(2)))
        rate.giveBack()
        #expect(rate.admit(now: .zero, within: .seconds(10)) == .after(.seconds(2)))
    }
}
