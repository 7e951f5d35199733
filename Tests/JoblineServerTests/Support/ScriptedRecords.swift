import JoblineBackend
import JoblineProtocol
import Synchronization

/// Records whose changes and time the test makes.
final class ScriptedRecords: RecordSource {
    private let observers = Mutex<[any RecordObserver]>([])
    private let clock = Clock()

    private final class Clock: Sendable {
        let milliseconds = Atomic<Int64>(0)
    }

    func observeRecords(_ observer: any RecordObserver) { observers.withLock { $0.append(observer) } }
    var now: @Sendable () -> Timestamp {
        { [clock] in Timestamp(milliseconds: clock.milliseconds.load(ordering: .sequentiallyConsistent)) }
    }
    func setTime(_ milliseconds: Int64) {
        clock.milliseconds.store(milliseconds, ordering: .sequentiallyConsistent)
    }

    func willChange(_ record: UInt64) {
        for observer in observers.withLock({ $0 }) { observer.willChange([RecordKey(record)]) }
    }
    func didChange(_ record: UInt64) {
        for observer in observers.withLock({ $0 }) { observer.didChange([RecordKey(record)]) }
    }
    func change(_ record: UInt64) {
        willChange(record)
        didChange(record)
    }
}
