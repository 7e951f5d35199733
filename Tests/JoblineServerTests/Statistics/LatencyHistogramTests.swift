import Testing

@testable import JoblineServer

@Suite struct LatencyHistogramTests {
    private static let permilles = [1, 10, 250, 500, 900, 990, 999, 1000]

    private struct Numbers: RandomNumberGenerator {
        private var count: UInt64 = 0

        mutating func next() -> UInt64 {
            count += 1
            return SplitMix64(seed: 42).number(count)
        }
    }

    private func histogram(_ values: [Int]) -> LatencyHistogram {
        values.reduce(into: LatencyHistogram()) { $0.add($1) }
    }

    /// Returns the exact per mille value, by sorting.
    private func exact(_ permille: Int, _ sorted: [Int]) -> Int {
        sorted[max(1, (sorted.count * permille + 999) / 1000) - 1]
    }

    /// Sets of latencies of all sizes and shapes.
    private static let samples: [[Int]] = {
        var generator = Numbers()
        let even = (0..<10_000).map { _ in Int.random(in: 0..<1_000_000, using: &generator) }
        let small = (0..<1000).map { _ in Int.random(in: 0..<200, using: &generator) }
        // All powers of two are equally likely.
        let steep = (0..<5000).map { _ in
            let bits = Int.random(in: 0..<36, using: &generator)
            return Int.random(in: 0..<(2 << bits), using: &generator)
        }
        let edges = (0..<37).flatMap { [1 << $0 - 1, 1 << $0, 1 << $0 + 1] }
        return [even, small, steep, edges, [7], [100_000, 100_000, 100_000]]
    }()

    @Test("Percentiles are within 1/64 of the exact ones, and exact below 64", arguments: samples)
    func percentiles(values: [Int]) {
        let (histogram, sorted) = (histogram(values), values.sorted())
        #expect(histogram.count == values.count)
        #expect(histogram.maximum == sorted.last)
        for permille in Self.permilles {
            let (found, exact) = (histogram.percentile(permille), exact(permille, sorted))
            #expect(abs(found - exact) * 64 <= exact, "\(permille): \(found) for \(exact)")
        }
    }

    @Test("Two merged histograms equal one with all values")
    func sum() {
        var sum = LatencyHistogram()
        for values in Self.samples { sum.add(histogram(values)) }
        let whole = histogram(Self.samples.flatMap { $0 })
        #expect(sum == whole)
    }

    @Test("An empty histogram has percentile 0, and values out of range are clamped")
    func extremes() {
        #expect(LatencyHistogram().percentile(500) == 0)
        let histogram = histogram([-5, .min, .max])
        #expect(histogram.percentile(500) == 0)
        #expect(histogram.maximum == LatencyHistogram.longest)
        #expect(histogram.percentile(1000) > LatencyHistogram.longest / 100 * 98)
    }
}
