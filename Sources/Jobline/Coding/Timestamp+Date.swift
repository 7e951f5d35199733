public import JoblineProtocol

// Adds no dependency: swift-metrics already links FoundationEssentials.
#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Timestamp {
    /// Creates the timestamp nearest to a date, with millisecond precision.
    ///
    /// - Parameter date: A date beyond the years 1 to 9999 becomes the nearest time within them.
    public init(_ date: Date) { self.init(secondsSinceEpoch: date.timeIntervalSince1970) }
}

extension Date {
    /// Creates the date of a timestamp.
    public init(_ time: Timestamp) { self.init(timeIntervalSince1970: time.secondsSinceEpoch) }
}
