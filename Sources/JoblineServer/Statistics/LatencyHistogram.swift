/// How often which latency was seen, from which percentiles follow.
///
/// Microseconds below 64 have a bucket each, and every doubling above has 32, so that the middle of a bucket is within 1/64,
/// 1.6 %, of everything in it. Buckets are there up to the highest that was needed: 1.5 KB for 1 ms, 4 KB for 1 s.
struct LatencyHistogram: Sendable, Hashable {
    /// Longest latency that is told from longer ones, in microseconds: 38 hours, over the longest that a request can have.
    static let longest = 1 << 37 - 1

    private var buckets: [Int] = []
    private(set) var count = 0
    /// The longest latency, exactly.
    private(set) var maximum = 0

    /// - Parameter microseconds: Anything below 0 counts as 0.
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

    /// What so many of a thousand took at most, in microseconds; 0 if there were none.
    ///
    /// - Parameter permille: 1 to 1000.
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

    /// A value of n bits with n > 6 loses its n - 6 lowest ones.
    private static func bucket(of value: Int) -> Int {
        let lost = max(0, Int.bitWidth - value.leadingZeroBitCount - 6)
        return lost << 5 + value >> lost
    }

    private static func middle(of bucket: Int) -> Int {
        let lost = max(0, bucket >> 5 - 1)
        return (bucket - lost << 5) << lost + (1 << lost) / 2
    }
}
