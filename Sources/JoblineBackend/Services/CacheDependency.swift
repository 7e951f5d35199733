package import JoblineProtocol
internal import Synchronization

/// Key of a record in one backend. The backend chooses it, and nobody else interprets it.
package struct RecordKey: Sendable, Hashable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Record that a result depends on, set by the service that produces the result.
///
/// The result can be cached until the record changes or the result expires. A result without a dependency is not cached.
package final class CacheDependency: Sendable {
    private let dependency = Mutex<(record: RecordKey, end: Timestamp?)?>(nil)

    package init() {}

    /// Declares that the result depends on one record, and on nothing else but time.
    ///
    /// - Parameters:
    ///   - record: Record of the service's backend. The service read it after it was called.
    ///   - end: Expiry of the result on the clock of the backend's ``RecordSource``; nil if it does not expire.
    package func isAbout(_ record: RecordKey, until end: Timestamp?) { dependency.withLock { $0 = (record, end) } }

    /// Declared record and expiry; nil if none was declared.
    package var record: (key: RecordKey, end: Timestamp?)? { dependency.withLock { $0.map { ($0.record, $0.end) } } }
}

/// Source of the records of one backend, which cached results depend on.
package protocol RecordSource: Sendable {
    /// Adds an observer. It is called before a change becomes visible, and after the change is visible or was rolled back.
    ///
    /// - Parameter observer: Not retained.
    func observeRecords(_ observer: any RecordObserver)

    /// Clock by which results expire. The closure does not retain the source.
    var now: @Sendable () -> Timestamp { get }
}

/// Observer of the records of one backend. It is called synchronously by the writer, which waits for it.
package protocol RecordObserver: AnyObject, Sendable {
    /// Called before a change: from now on readers may see the old or the new state.
    func willChange(_ records: [RecordKey])

    /// Called after a change: all readers see the same state.
    func didChange(_ records: [RecordKey])
}
