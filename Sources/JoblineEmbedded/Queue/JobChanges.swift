internal import Synchronization

/// That a job has another status now.
package struct JobChange: Sendable, Hashable {
    package var key: JobKey
    /// The status, as the service spells it.
    package var status: String
    /// Whether the status is the last one.
    package var isFinal: Bool
}

/// Tells whoever listens of every job that gets another status.
final class JobChanges: Sendable {
    /// Changes that are kept for a listener; of those that it is too slow for the oldest are dropped.
    static let bufferedChanges = 1024

    private struct Listeners {
        var next = 0
        var continuations: [Int: AsyncStream<JobChange>.Continuation] = [:]
    }

    private let listeners = Mutex(Listeners())

    /// The changes from now on, until the listener stops listening.
    func listen() -> AsyncStream<JobChange> {
        let (stream, continuation) = AsyncStream<JobChange>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.bufferedChanges))
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.continuations[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.listeners.withLock { $0.continuations.removeValue(forKey: number) }
        }
        return stream
    }

    func tell(_ job: Job) { tell(job.key, status: job.status) }

    func tell(_ key: JobKey, status: JobStatus) {
        let change = JobChange(key: key, status: status.name, isFinal: status.phase == .ended)
        for continuation in listeners.withLock({ Array($0.continuations.values) }) { continuation.yield(change) }
    }
}
