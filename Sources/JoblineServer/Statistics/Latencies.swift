internal import JoblineProtocol

/// The latencies of one method: all of them, and those of late.
struct Latencies: Sendable {
    /// Each is in one of these: before the minute before this one, in it, and in this one.
    private var earlier = LatencyHistogram()
    private var previous = LatencyHistogram()
    private var current = LatencyHistogram()
    private var minute = 0

    /// - Parameters:
    ///   - microseconds: How long it took.
    ///   - minute: The present, in minutes since anything; never less than before.
    mutating func add(_ microseconds: Int, in minute: Int) {
        turn(to: minute)
        current.add(microseconds)
    }

    /// Adds those of another event loop.
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
            // A whole minute has passed in which there were none.
            earlier.add(current)
            previous = LatencyHistogram()
        }
        current = LatencyHistogram()
        self.minute = minute
    }

    /// Those of this minute and the one before it.
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
    /// nil if there is nothing to tell.
    init?(_ histogram: LatencyHistogram) {
        guard histogram.count > 0 else { return nil }
        self.init(
            count: histogram.count, p50: histogram.percentile(500), p90: histogram.percentile(900),
            p99: histogram.percentile(990), p999: histogram.percentile(999), max: histogram.maximum)
    }
}
