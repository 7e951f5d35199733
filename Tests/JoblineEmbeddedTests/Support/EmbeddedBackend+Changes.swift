internal import JoblineBackend

@testable import JoblineEmbedded

/// A change of the status of a job.
struct StatusChange: Sendable, Hashable {
    var key: JobReference
    var status: String
    var isFinal: Bool
}

extension EmbeddedBackend {
    /// Returns the status changes of all jobs from now on.
    func changes() -> AsyncStream<StatusChange> {
        let (stream, continuation) = AsyncStream<StatusChange>.makeStream()
        observeChanges { change in
            guard case .status(let status, let isFinal) = change.kind else { return }
            continuation.yield(StatusChange(key: change.key, status: status, isFinal: isFinal))
        }
        return stream
    }
}
