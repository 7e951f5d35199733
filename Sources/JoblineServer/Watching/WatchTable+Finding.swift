internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

extension WatchTable {
    /// Snapshot of a job, shared by all of its watches so that it is encoded once.
    final class Finding: Sendable {
        let job: JobReference
        let snapshot: JobSnapshot
        /// Hash of the snapshot, so that a watch need not retain what it has sent.
        let fingerprint: Int
        private let written = Mutex<ByteBuffer?>(nil)

        init(_ job: JobReference, _ snapshot: JobSnapshot) {
            self.job = job
            self.snapshot = snapshot
            fingerprint = snapshot.hashValue
        }

        /// Returns the parameters of a notification without the id of the watch.
        ///
        /// - Parameter workflow: Workflow of the job as the watch named it; nil for a job without one.
        func params(workflow: String?) -> ByteBuffer {
            if let workflow { return notification(workflow).json() }
            return written.withLock { written in
                if let written { return written }
                let new = notification(nil).json()
                written = new
                return new
            }
        }

        private func notification(_ workflow: String?) -> Sidecar.JobChanged {
            Sidecar.JobChanged(
                service: job.family.service.rawValue, family: job.family.message, id: job.id, state: snapshot.state,
                workflow: workflow, progress: snapshot.progress, job: snapshot.job)
        }
    }
}
