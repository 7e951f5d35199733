internal import JoblineProtocol
internal import Synchronization

/// Current state of a job as the daemon sent it; shared by all watches of the job, so that it is decoded only once.
final class JobChange: Sendable {
    let reference: JobReference
    /// Whether this is the last change of the job.
    let isLast: Bool
    /// Names no watch.
    private let told: Sidecar.JobChanged
    private let readJob = Mutex<Job?>(nil)

    init(_ told: Sidecar.JobChanged) {
        reference = JobReference(family: told.family, id: told.id, workflow: told.workflow)
        isLast = told.state.isTerminal
        var told = told
        told.watch = nil
        self.told = told
    }

    /// The decoded job; decoded on first access, off the event loop.
    var job: Job {
        readJob.withLock { job in
            if let job { return job }
            let new = Job(told)
            job = new
            return new
        }
    }
}

extension JobChange: Equatable {
    static func == (left: JobChange, right: JobChange) -> Bool { left === right || left.told == right.told }
}
