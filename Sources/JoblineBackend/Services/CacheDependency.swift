package import JoblineProtocol
internal import Synchronization

/// Record that a result depends on, set by the service that produces the result.
///
/// The result can be cached until the record changes or the result expires. A result without a dependency is not cached.
package final class CacheDependency: Sendable {
    private let dependency = Mutex<(record: Int64, end: Timestamp?)?>(nil)

    package init() {}

    /// Declares that the result depends on one record, and on nothing else but time.
    ///
    /// - Parameters:
    ///   - record: Number of the record in the ``RecordSource``. The service read it after it was called.
    ///   - end: Expiry of the result on the source's clock; nil if it does not expire.
    package func isAbout(_ record: Int64, until end: Timestamp?) { dependency.withLock { $0 = (record, end) } }

    /// Declared record and expiry; nil if none was declared.
    package var record: (number: Int64, end: Timestamp?)? { dependency.withLock { $0.map { ($0.record, $0.end) } } }
}

/// Source of the records that cached results depend on.
package protocol RecordSource: Sendable {
    /// Adds an observer. It is called before a change becomes visible, and after the change is visible or was rolled back.
    func observeRecords(_ observer: any RecordObserver)

    /// Clock by which results expire. The closure does not retain the source, which retains its observers.
    var now: @Sendable () -> Timestamp { get }
}

/// Observer of changes. It is called synchronously by the writer, which waits for it.
package protocol RecordObserver: AnyObject, Sendable {
    /// Called before a change: from now on readers may see the old or the new state.
    func willChange(_ records: [Int64])

    /// Called after a change: all readers see the same state.
    func didChange(_ records: [Int64])
}
