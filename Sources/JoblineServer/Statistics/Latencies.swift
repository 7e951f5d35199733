internal import JoblineProtocol

/// Latencies of one method: since the start, and of the last two minutes.
struct Latencies: Sendable {
    /// Each latency is in one of three histograms: this minute, the minute before, and everything earlier.
    private var earlier = LatencyHistogram()
    private var previous = LatencyHistogram()
    private var current = LatencyHistogram()
    private var minute = 0

    /// Adds a latency.
    ///
    /// - Parameters:
    ///   - microseconds: Latency.
    ///   - minute: Current minute from any origin; never less than before.
    mutating func add(_ microseconds: Int, in minute: Int) {
        turn(to: minute)
        current.add(microseconds)
    }

    /// Adds the latencies of another event loop.
    mutating func add(_ other: Latencies, in minute: Int) {
        var other = other
        turn(to: minute)
        other.turn(to: minute)
        earlier.add(other.earlier)
        previous.add(other.previous)
        current.add(other.current)
    }

    private mutating func turn(to minute: Int) {
        guard minute > self.minute else { return }
        earlier.add(previous)
        if minute == self.minute + 1 {
            previous = current
        } else {
            // At least one whole minute passed without any.
            earlier.add(current)
            previous = LatencyHistogram()
        }
        current = LatencyHistogram()
        self.minute = minute
    }

    /// Latencies of this minute and the one before it.
    var recent: LatencyHistogram {
        var recent = previous
        recent.add(current)
        return recent
    }

    var all: LatencyHistogram {
        var all = recent
        all.add(earlier)
        return all
    }
}

extension Sidecar.LatencyStatistics {
    /// Creates the statistics of a histogram; nil if it is empty.
    init?(_ histogram: LatencyHistogram) {
        guard histogram.count > 0 else { return nil }
        self.init(
            count: histogram.count, p50: histogram.percentile(500), p90: histogram.percentile(900),
            p99: histogram.percentile(990), p999: histogram.percentile(999), max: histogram.maximum)
    }
}
