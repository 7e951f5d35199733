/// Statuses of an Entity Resolution job. There is no stop.
enum EntityResolutionJobState: String, JobState {
    /// In the queue. Exits: ``running``, ``failed``.
    case queued = "QUEUED"
    /// An executor runs. Exits: ``succeeded``, ``failed``, ``queued``.
    case running = "RUNNING"
    /// The job succeeded.
    case succeeded = "SUCCEEDED"
    /// The job failed.
    case failed = "FAILED"

    static var initial: Self { .queued }

    var phase: JobPhase {
        switch self {
        case .queued: .waiting
        case .running: .running
        case .succeeded, .failed: .ended
        }
    }

    func after(_ event: JobEvent) -> Self? {
        switch (self, event) {
        case (.queued, .started): .running
        case (.queued, .failed): .failed
        case (.queued, .succeeded), (.queued, .partlySucceeded), (.queued, .stopRequested), (.queued, .stopped),
            (.queued, .requeued):
            nil
        case (.running, .succeeded), (.running, .partlySucceeded): .succeeded
        case (.running, .failed): .failed
        case (.running, .requeued): .queued
        case (.running, .started), (.running, .stopRequested), (.running, .stopped): nil
        case (.succeeded, _), (.failed, _): nil
        }
    }
}
