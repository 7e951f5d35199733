internal import JoblineProtocol
internal import Synchronization

/// What a job is like now, as the daemon told it: one for all who watch the job, so that the job is read only once.
final class JobChange: Sendable {
    let reference: JobReference
    /// True if no other change follows.
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

    /// The job; read by the first who asks, so that the event loop has nothing to do with it.
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
