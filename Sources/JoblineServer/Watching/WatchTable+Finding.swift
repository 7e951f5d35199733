internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

extension WatchTable {
    /// What was read of a job: one for all who watch it, so that it is written only once.
    final class Finding: Sendable {
        let job: JobIdentity
        let snapshot: JobSnapshot
        /// Stands for the snapshot, so that a watch need not keep what it has told.
        let fingerprint: Int
        private let written = Mutex<ByteBuffer?>(nil)

        init(_ job: JobIdentity, _ snapshot: JobSnapshot) {
            self.job = job
            self.snapshot = snapshot
            fingerprint = snapshot.hashValue
        }

        /// The params of a notification, but for the number of the watch.
        ///
        /// - Parameter workflow: The job's workflow as the watch calls it; nil for a job that has none.
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
                service: job.family.service ?? "", family: job.family, id: job.id, state: snapshot.state,
                workflow: workflow, progress: snapshot.progress, job: snapshot.job)
        }
    }
}
