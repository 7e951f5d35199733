package import JoblineBackend
internal import Synchronization

/// That something of a job is not as it was.
package struct JobChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// It has another status: this one, as the service spells it.
        case status(String, isFinal: Bool)
        /// More of its work is done.
        case progress
        /// It is not kept any more.
        case removal
    }

    package var key: JobReference
    package var kind: Kind
}

/// Tells whoever observes jobs of everything that happens to them.
final class JobChanges: Sendable {
    typealias Observer = @Sendable (JobChange) -> Void

    private let observers = Mutex<[Observer]>([])

    /// Has the observer called with every change from now on, by whoever makes the change and after it can be read: where two of a
    /// job share a commit, in any order.
    func observe(_ observer: @escaping Observer) { observers.withLock { $0.append(observer) } }

    func tell(_ job: Job) { tell(job.key, status: job.status) }

    func tell(_ key: JobReference, status: JobStatus) {
        tell(key, .status(status.name, isFinal: status.phase == .ended))
    }

    func tell(_ key: JobReference, _ kind: JobChange.Kind) {
        let change = JobChange(key: key, kind: kind)
        for observer in observers.withLock({ $0 }) { observer(change) }
    }
}
