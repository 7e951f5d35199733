/// Point in time with a resolution of 1 millisecond; on the wire, seconds since 1970-01-01T00:00:00Z.
///
/// With Foundation, `Date(time)` and `Timestamp(date)` convert from and to `Date`.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var milliseconds: Int64

    /// Range of the years 1 to 9999; numbers outside it are not accepted as times.
    package static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Creates a point in time.
    ///
    /// - Parameter milliseconds: Milliseconds since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Creates a point in time, rounded to the nearest millisecond.
    ///
    /// - Parameter secondsSinceEpoch: Seconds since 1970-01-01T00:00:00Z, clamped to the years 1 to 9999. NaN becomes
    ///   the earliest time.
    public init(secondsSinceEpoch: Double) {
        let nearest = (secondsSinceEpoch * 1000).rounded()
        let bounded = min(max(nearest, Double(Self.range.lowerBound)), Double(Self.range.upperBound))
        milliseconds = Int64(exactly: bounded) ?? Self.range.lowerBound
    }

    /// Seconds since 1970-01-01T00:00:00Z, with milliseconds as fraction.
    public var secondsSinceEpoch: Double { Double(milliseconds) / 1000 }

    /// Compares by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        guard let time = Timestamp(wire: try reader.double()) else {
            throw JSONError(.range, "a time outside the years 1 to 9999", offset: offset)
        }
        self = time
    }

    /// Creates a time from a number on the wire.
    ///
    /// - Parameter seconds: Seconds since 1970-01-01T00:00:00Z.
    /// - Returns: nil if the time is outside the years 1 to 9999.
    package init?(wire seconds: Double) {
        let given = seconds * 1000
        // Truncated like the times of the services, so that a time stays after an earlier one. Adding the last bit
        // keeps whole milliseconds, which a double can represent slightly too small.
        let milliseconds = (given + given.ulp).rounded(.down)
        guard let exact = Int64(exactly: milliseconds), Self.range.contains(exact) else { return nil }
        self.milliseconds = exact
    }

    package func write(to writer: inout JSONWriter) { writer.thousandths(milliseconds) }
}
