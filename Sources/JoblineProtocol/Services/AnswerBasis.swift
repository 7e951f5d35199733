internal import Synchronization

/// What an answer depends on, put down by the service that gives it: as long as that stays, so does the answer, and the same
/// question need not come to the service again.
///
/// A service that puts nothing down is asked every time.
package final class AnswerBasis: Sendable {
    private let basis = Mutex<(record: Int64, end: Timestamp?)?>(nil)

    package init() {}

    /// The answer depends on this record and on nothing else, but for the time.
    ///
    /// - Parameters:
    ///   - record: Its number in the ``RecordSource``; it was read after the service was asked.
    ///   - end: From when on the answer is another one, on the source's clock; nil: never.
    package func isAbout(_ record: Int64, until end: Timestamp?) { basis.withLock { $0 = (record, end) } }

    /// What was put down; nil if nothing was.
    package var record: (number: Int64, end: Timestamp?)? { basis.withLock { $0.map { ($0.record, $0.end) } } }
}

/// What answers depend on, and who says that it changes.
package protocol RecordSource: Sendable {
    /// Has the observer called from now on: before a change can be seen, and after it can be, or came to nothing.
    func observeRecords(_ observer: any RecordObserver)

    /// The clock by which answers end. It does not hold the source, which holds its observers.
    var now: @Sendable () -> Timestamp { get }
}

/// Hears of changes while they are made, from whoever makes them, and keeps them waiting.
package protocol RecordObserver: AnyObject, Sendable {
    /// From now on others may see these records as they were or as they will be.
    func willChange(_ records: [Int64])

    /// From now on everybody sees these records as they are.
    func didChange(_ records: [Int64])
}
