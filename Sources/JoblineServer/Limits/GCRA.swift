/// A token bucket kept as one timestamp: the generic cell rate algorithm.
///
/// The timestamp is when the bucket would be full again. Time is in nanoseconds of any clock that does not go back.
package struct GCRA: Sendable, Hashable {
    /// How fast a bucket fills and how much it holds.
    package struct Rate: Sendable, Hashable {
        /// Nanoseconds in which one token comes back; at least 1.
        let interval: Int64
        /// How far the timestamp may lie ahead of the present; the tokens beyond the first.
        let tolerance: Int64

        /// - Parameters:
        ///   - perSecond: Tokens that come back in a second, more than 0.
        ///   - burst: Tokens in a full bucket, at least 1.
        /// - Returns: nil if a number is outside its range.
        package init?(perSecond: Double, burst: Double) {
            guard perSecond.isFinite, burst.isFinite, perSecond > 0, burst >= 1 else { return nil }
            // Rounded so that never more passes than the numbers say.
            interval = max(1, Self.clamped((1_000_000_000 / perSecond).rounded(.up)))
            tolerance = Self.clamped(((burst - 1) * Double(interval)).rounded(.down))
        }

        /// The tokens of a full bucket, as the time in which they come back.
        fileprivate var capacity: Int128 { Int128(tolerance) + Int128(interval) }

        /// About 146 years; far enough from the end of 64 bits that a sum of two does not overflow.
        private static let longest: Int64 = 1 << 62

        private static func clamped(_ value: Double) -> Int64 {
            value < Double(longest) ? Int64(value) : longest
        }
    }

    private var fullAt: Int64

    /// A full bucket.
    package init() { fullAt = .min }

    /// Nanoseconds until a request passes, all else equal; 0 if it passes now.
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

    /// The bucket as it goes on under another rate: with the tokens that it has, as far as it holds them, and not one more.
    ///
    /// A full bucket stays full, whatever it holds then.
    package func carried(from old: Rate, to new: Rate, at now: Int64) -> GCRA {
        guard old != new, fullAt > now else { return self }
        let deficit = Int128(fullAt) - Int128(now)
        let left = max(0, old.capacity - deficit) * Int128(new.interval) / Int128(old.interval)
        var bucket = GCRA()
        bucket.fullAt = Int64(clamping: Int128(now) + new.capacity - min(left, new.capacity))
        return bucket
    }

    /// True if the bucket cannot be told from a new one.
    package func isFull(at now: Int64) -> Bool { fullAt <= now }
}

extension GCRA: Comparable {
    /// The fuller bucket is the smaller one.
    package static func < (left: GCRA, right: GCRA) -> Bool { left.fullAt < right.fullAt }
}
