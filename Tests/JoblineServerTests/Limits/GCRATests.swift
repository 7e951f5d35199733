import Testing

@testable import JoblineServer

@Suite struct GCRATests {
    static let second: Int64 = 1_000_000_000

    private func rate(_ perSecond: Double, burst: Double) throws -> GCRA.Rate {
        try #require(GCRA.Rate(perSecond: perSecond, burst: burst))
    }

    @Test("A full bucket lets its burst pass, then one token after each interval, to the nanosecond")
    func burstThenRate() throws {
        let rate = try rate(10, burst: 3)
        var bucket = GCRA()
        let start: Int64 = 5 * Self.second
        for _ in 1...3 {
            #expect(bucket.wait(at: start, rate) == 0)
            bucket.take(at: start, rate)
        }
        #expect(bucket.wait(at: start, rate) == 100_000_000)
        #expect(bucket.wait(at: start + 99_999_999, rate) == 1)
        #expect(bucket.wait(at: start + 100_000_000, rate) == 0)
        bucket.take(at: start + 100_000_000, rate)
        #expect(bucket.wait(at: start + 100_000_000, rate) == 100_000_000)
    }

    @Test(
        "One token is added in each interval, rounded up to whole nanoseconds",
        arguments: [
            (1.0, 1_000_000_000), (3, 333_333_334), (0.5, 2_000_000_000), (1_000_000_000, 1), (7e12, 1),
        ] as [(Double, Int64)])
    func interval(perSecond: Double, expected: Int64) throws {
        let rate = try rate(perSecond, burst: 1)
        var bucket = GCRA()
        bucket.take(at: 0, rate)
        #expect(bucket.wait(at: 0, rate) == expected)
        #expect(bucket.wait(at: expected, rate) == 0)
    }

    @Test("A bucket fills up to its burst")
    func fills() throws {
        let rate = try rate(1, burst: 2)
        var bucket = GCRA()
        bucket.take(at: 0, rate)
        bucket.take(at: 0, rate)
        #expect(!bucket.isFull(at: 2 * Self.second - 1))
        #expect(bucket.isFull(at: 2 * Self.second))
        let later = 1000 * Self.second
        bucket.take(at: later, rate)
        bucket.take(at: later, rate)
        #expect(bucket.wait(at: later, rate) == Self.second)
    }

    @Test("A fractional burst shortens the first wait")
    func fraction() throws {
        let rate = try rate(1, burst: 1.5)
        var bucket = GCRA()
        bucket.take(at: 0, rate)
        #expect(bucket.wait(at: 0, rate) == 500_000_000)
    }

    @Test(
        "Numbers out of range are not a rate",
        arguments: [(0.0, 1.0), (-1, 1), (1, 0.99), (.nan, 1), (1, .nan), (.infinity, 1), (1, .infinity)])
    func outOfRange(perSecond: Double, burst: Double) {
        #expect(GCRA.Rate(perSecond: perSecond, burst: burst) == nil)
    }

    @Test("Extreme rates, bursts and times do not overflow, and the clock can go back")
    func extremes() throws {
        for (perSecond, burst) in [(1e-300, 1.0), (1e-300, 1e300), (1e300, 1e300), (1e300, 1)] {
            let rate = try rate(perSecond, burst: burst)
            var bucket = GCRA()
            for now in [0, Int64.max, Int64.min, Int64.max - 1, 0] {
                if bucket.wait(at: now, rate) == 0 { bucket.take(at: now, rate) }
                #expect(bucket.wait(at: now, rate) >= 0)
            }
        }
    }
}
