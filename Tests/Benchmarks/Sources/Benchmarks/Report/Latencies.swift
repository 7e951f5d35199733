internal import Histogram

/// Latencies in nanoseconds, up to a minute, to three digits.
struct Latencies: Sendable {
    private static let most: UInt64 = 60_000_000_000
    private var histogram = Histogram<UInt64>(highestTrackableValue: most)

    /// Counts also what takes longer than a minute, as a minute.
    mutating func record(_ latency: UInt64, count: UInt64 = 1) {
        histogram.record(min(latency, Self.most), count: count)
    }

    mutating func add(_ other: Latencies) {
        for bucket in other.histogram.recordedValues() { record(bucket.value, count: bucket.count) }
    }

    var p50: UInt64 { histogram.valueAtPercentile(50) }
    var p99: UInt64 { histogram.valueAtPercentile(99) }
    var longest: UInt64 { histogram.maxRecorded }
}
