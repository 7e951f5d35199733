package import JoblineBackend
internal import Synchronization

/// A change of a job.
package struct JobChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The job has a new status, in the service's spelling.
        case status(String, isFinal: Bool)
        /// The progress of the job changed.
        case progress
        /// The job was removed.
        case removal
    }

    package var key: JobReference
    package var kind: Kind
}

/// Observers of the changes of all jobs.
final class JobChanges: Sendable {
    typealias Observer = @Sendable (JobChange) -> Void

    private let observers = Mutex<[Observer]>([])

    /// Adds an observer, which is called after each change is visible to readers, on the thread of the change.
    ///
    /// Two changes of one job in the same commit are reported in any order.
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
