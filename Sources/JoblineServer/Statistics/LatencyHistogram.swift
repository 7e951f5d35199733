/// Histogram of latencies with percentiles.
///
/// Each microsecond below 64 has a bucket, and each power of two above has 32, so the middle of a bucket is within 1/64
/// (1.6 %) of every value in it. Buckets are allocated up to the highest value: 1.5 KB for 1 ms, 4 KB for 1 s.
struct LatencyHistogram: Sendable, Hashable {
    /// Highest value in microseconds: 38 hours, more than any deadline.
    static let longest = 1 << 37 - 1

    private var buckets: [Int] = []
    private(set) var count = 0
    /// Exact maximum in microseconds.
    private(set) var maximum = 0

    /// - Parameter microseconds: Latency; negative values count as 0.
    mutating func add(_ microseconds: Int) {
        let value = min(max(0, microseconds), Self.longest)
        let bucket = Self.bucket(of: value)
        extend(to: bucket + 1)
        buckets[bucket] += 1
        count += 1
        maximum = max(maximum, value)
    }

    mutating func add(_ other: LatencyHistogram) {
        extend(to: other.buckets.count)
        for (bucket, number) in other.buckets.enumerated() { buckets[bucket] += number }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// Returns a percentile in microseconds; 0 if the histogram is empty.
    ///
    /// - Parameter permille: Percentile in thousandths, 1 to 1000.
    func percentile(_ permille: Int) -> Int {
        let rank = max(1, (count * permille + 999) / 1000)
        var seen = 0
        for (bucket, number) in buckets.enumerated() {
            seen += number
            if seen >= rank { return min(Self.middle(of: bucket), maximum) }
        }
        return maximum
    }

    private mutating func extend(to size: Int) {
        if buckets.count < size { buckets += repeatElement(0, count: size - buckets.count) }
    }

    /// A value of n > 6 bits loses its n - 6 lowest bits.
    private static func bucket(of value: Int) -> Int {
        let lost = max(0, Int.bitWidth - value.leadingZeroBitCount - 6)
        return lost << 5 + value >> lost
    }

    private static func middle(of bucket: Int) -> Int {
        let lost = max(0, bucket >> 5 - 1)
        return (bucket - lost << 5) << lost + (1 << lost) / 2
    }
}
