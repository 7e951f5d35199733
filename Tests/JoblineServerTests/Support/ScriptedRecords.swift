import JoblineProtocol
import Synchronization

/// Records whose changes and time the test makes.
final class ScriptedRecords: RecordSource {
    private let observers = Mutex<[any RecordObserver]>([])
    private let time = Mutex(Timestamp(milliseconds: 0))

    func observeRecords(_ observer: any RecordObserver) { observers.withLock { $0.append(observer) } }
    func now() -> Timestamp { time.withLock { $0 } }
    func setTime(_ milliseconds: Int64) { time.withLock { $0 = Timestamp(milliseconds: milliseconds) } }

    func willChange(_ record: Int64) { for observer in observers.withLock({ $0 }) { observer.willChange([record]) } }
    func didChange(_ record: Int64) { for observer in observers.withLock({ $0 }) { observer.didChange([record]) } }
    func change(_ record: Int64) {
        willChange(record)
        didChange(record)
    }
}
