internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

extension WatchTable {
    /// Snapshot of a subject, shared by all of its watches so that it is encoded once.
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

        /// Parameters of a notification without the id of the watch.
        var params: ByteBuffer {
            written.withLock { written in
                if let written { return written }
                let change = Sidecar.JobChanged(
                    service: job.family.service.rawValue, family: job.family.message, id: job.id,
                    state: snapshot.state, workflow: job.workflow, progress: snapshot.progress, job: snapshot.job)
                let new = change.json()
                written = new
                return new
            }
        }
    }
}
