/// A point in time, to the millisecond, as the services write it: seconds since 1970-01-01T00:00:00Z.
///
/// With Foundation, `Date(time)` is the same time as a date, and `Timestamp(date)` the way back.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var milliseconds: Int64

    /// The range of years 1 to 9999, beyond which a number is not taken for a time.
    package static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// A point in time.
    ///
    /// - Parameter milliseconds: Milliseconds since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The millisecond that is nearest to a number of seconds.
    ///
    /// - Parameter secondsSinceEpoch: Seconds since 1970-01-01T00:00:00Z. A number beyond the years 1 to 9999 becomes the nearest
    ///   time within them; what is not a number becomes the first.
    public init(secondsSinceEpoch: Double) {
        let nearest = (secondsSinceEpoch * 1000).rounded()
        let bounded = min(max(nearest, Double(Self.range.lowerBound)), Double(Self.range.upperBound))
        milliseconds = Int64(exactly: bounded) ?? Self.range.lowerBound
    }

    /// Seconds since 1970-01-01T00:00:00Z, with milliseconds as fraction.
    public var secondsSinceEpoch: Double { Double(milliseconds) / 1000 }

    /// Orders by time.
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

    /// The time that a number on the wire stands for.
    ///
    /// - Parameter seconds: Seconds since 1970-01-01T00:00:00Z.
    /// - Returns: nil if the time is outside the years 1 to 9999.
    package init?(wire seconds: Double) {
        let given = seconds * 1000
        // Cut as the services' times are, so that what came after a moment is after it; but a whole number of milliseconds,
        // of which a Double may fall short by its last bit, stays itself.
        let milliseconds = (given + given.ulp).rounded(.down)
        guard let exact = Int64(exactly: milliseconds), Self.range.contains(exact) else { return nil }
        self.milliseconds = exact
    }

    package func write(to writer: inout JSONWriter) { writer.thousandths(milliseconds) }
}
