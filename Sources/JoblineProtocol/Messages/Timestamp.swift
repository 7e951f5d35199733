/// A point in time, to the millisecond, as the services write it: seconds since 1970-01-01T00:00:00Z.
///
/// With Foundation, `Date(timeIntervalSince1970: time.secondsSinceEpoch)` is the same as a `Date`.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var milliseconds: Int64

    /// The range of years 1 to 9999, beyond which a number is not taken for a time.
    package static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// A point in time.
    ///
    /// - Parameter milliseconds: Milliseconds since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Seconds since 1970-01-01T00:00:00Z, with milliseconds as fraction.
    public var secondsSinceEpoch: Double { Double(milliseconds) / 1000 }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        let given = try reader.double() * 1000
        // Cut as the services' times are, so that what came after a moment is after it; but a whole number of milliseconds,
        // of which a Double may fall short by its last bit, stays itself.
        let milliseconds = (given + given.ulp).rounded(.down)
        guard let exact = Int64(exactly: milliseconds), Self.range.contains(exact) else {
            throw JSONError(.range, "a time outside the years 1 to 9999", offset: offset)
        }
        self.milliseconds = exact
    }

    package func write(to writer: inout JSONWriter) { writer.thousandths(milliseconds) }
}
