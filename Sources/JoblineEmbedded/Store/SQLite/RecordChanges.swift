internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Reports the job rows that a transaction changes or removes to observers, before the commit and after its end.
///
/// New rows are not reported: no cached result can depend on them.
final class RecordChanges: TransactionObserver, Sendable {
    private struct Observer {
        weak var value: (any RecordObserver)?
    }

    private struct State {
        var observers: [Observer] = []
        /// Rows changed by the open transaction. Used only by the writer.
        var changed: Set<Int64> = []
        /// Rows reported before the commit.
        var announced: [RecordKey] = []
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
            state.announced += state.changed.map(RecordKey.init(rowID:))
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

extension RecordKey {
    /// - Parameter rowID: Row of a job.
    init(rowID: Int64) { self.init(UInt64(bitPattern: rowID)) }
}
