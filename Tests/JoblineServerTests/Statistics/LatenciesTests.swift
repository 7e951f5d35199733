import Testing

@testable import JoblineServer

@Suite struct LatenciesTests {
    @Test("Latencies of this minute and the previous one are recent, and all are kept")
    func recent() {
        var latencies = Latencies()
        func recent(in minute: Int) -> Int {
            // Read in the same way: by adding.
            var sum = Latencies()
            sum.add(latencies, in: minute)
            return sum.recent.count
        }
        latencies.add(10, in: 0)
        latencies.add(10, in: 0)
        #expect([0, 1, 2].map(recent) == [2, 2, 0])
        latencies.add(10, in: 1)
        #expect([1, 2, 3].map(recent) == [3, 1, 0])
        latencies.add(10, in: 2)
        #expect([2, 3, 4].map(recent) == [2, 1, 0])
        latencies.add(10, in: 9)
        #expect([9, 10, 11].map(recent) == [1, 1, 0])
        #expect(latencies.all.count == 5)
    }

    @Test("Latencies of two event loops are merged, with the recent ones of both")
    func sum() {
        var (quiet, busy) = (Latencies(), Latencies())
        for _ in 0..<3 { quiet.add(1, in: 0) }
        busy.add(50, in: 4)
        busy.add(50, in: 5)
        quiet.add(busy, in: 5)
        #expect(quiet.recent.count == 2)
        #expect(quiet.recent.percentile(1) == 50)
        #expect(quiet.all.count == 5)
        #expect(quiet.all.percentile(500) == 1)
    }
}
