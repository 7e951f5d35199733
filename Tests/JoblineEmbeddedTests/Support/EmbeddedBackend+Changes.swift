internal import JoblineBackend

@testable import JoblineEmbedded

/// That a job has another status now.
struct StatusChange: Sendable, Hashable {
    var key: JobReference
    var status: String
    var isFinal: Bool
}

extension EmbeddedBackend {
    /// Every change of a job's status from now on.
    func changes() -> AsyncStream<StatusChange> {
        let (stream, continuation) = AsyncStream<StatusChange>.makeStream()
        observeChanges { change in
            guard case .status(let status, let isFinal) = change.kind else { return }
            continuation.yield(StatusChange(key: change.key, status: status, isFinal: isFinal))
        }
        return stream
    }
}
