/// A token bucket kept as one timestamp: the generic cell rate algorithm.
///
/// The timestamp is the time at which the bucket is full again, in nanoseconds of any monotonic clock.
package struct GCRA: Sendable, Hashable {
    /// Refill rate and capacity of a bucket.
    package struct Rate: Sendable, Hashable {
        /// Nanoseconds in which one token comes back; at least 1.
        let interval: Int64
        /// Nanoseconds by which the timestamp may lie ahead of the present: the tokens of a burst beyond the first.
        let tolerance: Int64

        /// - Parameters:
        ///   - perSecond: Tokens that come back in a second, more than 0.
        ///   - burst: Tokens in a full bucket, at least 1.
        /// - Returns: nil if a number is outside its range.
        package init?(perSecond: Double, burst: Double) {
            guard perSecond.isFinite, burst.isFinite, perSecond > 0, burst >= 1 else { return nil }
            // Rounded against the caller: never more requests pass than the rate says.
            interval = max(1, Self.clamped((1_000_000_000 / perSecond).rounded(.up)))
            tolerance = Self.clamped(((burst - 1) * Double(interval)).rounded(.down))
        }

        /// Nanoseconds in which an empty bucket becomes full.
        fileprivate var capacity: Int128 { Int128(tolerance) + Int128(interval) }

        /// About 146 years. The sum of two does not overflow 64 bits.
        private static let longest: Int64 = 1 << 62

        private static func clamped(_ value: Double) -> Int64 {
            value < Double(longest) ? Int64(value) : longest
        }
    }

    private var fullAt: Int64

    /// A full bucket.
    package init() { fullAt = .min }

    /// Returns the nanoseconds until a request passes, all else equal; 0 if it passes now.
    package func wait(at now: Int64, _ rate: Rate) -> Int64 {
        let (allowedAt, underflow) = fullAt.subtractingReportingOverflow(rate.tolerance)
        if underflow || allowedAt <= now { return 0 }
        let (wait, overflow) = allowedAt.subtractingReportingOverflow(now)
        return overflow ? .max : wait
    }

    /// Takes one token; call it only where ``wait(at:_:)`` is 0.
    package mutating func take(at now: Int64, _ rate: Rate) {
        let (sum, overflow) = max(now, fullAt).addingReportingOverflow(rate.interval)
        fullAt = overflow ? .max : sum
    }

    /// Returns the bucket under a new rate, with the tokens that it has, up to the new capacity.
    ///
    /// A full bucket stays full.
    package func carried(from old: Rate, to new: Rate, at now: Int64) -> GCRA {
        guard old != new, fullAt > now else { return self }
        let deficit = Int128(fullAt) - Int128(now)
        let left = max(0, old.capacity - deficit) * Int128(new.interval) / Int128(old.interval)
        var bucket = GCRA()
        bucket.fullAt = Int64(clamping: Int128(now) + new.capacity - min(left, new.capacity))
        return bucket
    }

    /// Whether the bucket is full, and so equivalent to a new one.
    package func isFull(at now: Int64) -> Bool { fullAt <= now }
}

extension GCRA: Comparable {
    /// Orders the fuller bucket first.
    package static func < (left: GCRA, right: GCRA) -> Bool { left.fullAt < right.fullAt }
}
