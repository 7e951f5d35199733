public import JoblineProtocol

// No further library is linked for it: swift-metrics brings FoundationEssentials.
#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Timestamp {
    /// The millisecond that is nearest to a date.
    ///
    /// - Parameter date: A date beyond the years 1 to 9999 becomes the nearest time within them.
    public init(_ date: Date) { self.init(secondsSinceEpoch: date.timeIntervalSince1970) }
}

extension Date {
    /// The same time as a date.
    public init(_ time: Timestamp) { self.init(timeIntervalSince1970: time.secondsSinceEpoch) }
}
