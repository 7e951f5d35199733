internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Tells of every row of a job that a transaction changes or removes, whichever statement does it: before the commit, and
/// after it or after its failure.
///
/// A new row is not told of, for nothing can have depended on it.
final class RecordChanges: TransactionObserver, Sendable {
    private struct Observer {
        weak var value: (any RecordObserver)?
    }

    private struct State {
        var observers: [Observer] = []
        /// Rows that the open transaction has changed; used by the writer alone.
        var changed: Set<Int64> = []
        /// Those that the observers know of.
        var announced: [Int64] = []
    }

    private static let table = "job"

    private let state = Mutex(State())

    func observe(_ observer: any RecordObserver) { state.withLock { $0.observers.append(Observer(value: observer)) } }

    func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
        switch kind {
        case .insert: false
        case .delete(let table), .update(let table, _): table == Self.table
        }
    }

    func databaseDidChange(with event: DatabaseEvent) { _ = state.withLock { $0.changed.insert(event.rowID) } }

    func databaseWillCommit() throws {
        let (records, observers) = state.withLock { state in
            state.announced += state.changed
            state.changed = []
            return (state.announced, state.observers)
        }
        if !records.isEmpty { for observer in observers { observer.value?.willChange(records) } }
    }

    func databaseDidCommit(_ db: Database) { finish() }

    func databaseDidRollback(_ db: Database) { finish() }

    private func finish() {
        let (records, observers) = state.withLock { state in
            defer { state.announced = [] }
            state.changed = []
            return (state.announced, state.observers)
        }
        if !records.isEmpty { for observer in observers { observer.value?.didChange(records) } }
    }
}
