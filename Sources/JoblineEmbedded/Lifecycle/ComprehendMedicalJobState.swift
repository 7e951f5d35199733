/// Statuses of a Comprehend Medical job.
enum ComprehendMedicalJobState: String, JobState {
    /// In the queue. Exits: ``inProgress``, ``stopRequested``, ``failed``.
    case submitted = "SUBMITTED"
    /// An executor runs. Exits: ``completed``, ``partialSuccess``, ``failed``, ``stopRequested``, ``submitted``.
    case inProgress = "IN_PROGRESS"
    /// Stopped by a caller. Exits: ``stopped``; ``completed`` and ``partialSuccess`` if the executor finished first.
    case stopRequested = "STOP_REQUESTED"
    /// All input was processed.
    case completed = "COMPLETED"
    /// Some of the input was not processed.
    case partialSuccess = "PARTIAL_SUCCESS"
    /// The job failed.
    case failed = "FAILED"
    /// The job ended after a stop.
    case stopped = "STOPPED"

    static var initial: Self { .submitted }

    var phase: JobPhase {
        switch self {
        case .submitted: .waiting
        case .inProgress: .running
        case .stopRequested: .stopping
        case .completed, .partialSuccess, .failed, .stopped: .ended
        }
    }

    func after(_ event: JobEvent) -> Self? {
        switch (self, event) {
        case (.submitted, .started): .inProgress
        case (.submitted, .stopRequested): .stopRequested
        case (.submitted, .failed): .failed
        case (.submitted, .succeeded), (.submitted, .partlySucceeded), (.submitted, .stopped),
            (.submitted, .requeued):
            nil
        case (.inProgress, .succeeded): .completed
        case (.inProgress, .partlySucceeded): .partialSuccess
        case (.inProgress, .failed): .failed
        case (.inProgress, .stopRequested): .stopRequested
        case (.inProgress, .requeued): .submitted
        case (.inProgress, .started), (.inProgress, .stopped): nil
        case (.stopRequested, .succeeded): .completed
        case (.stopRequested, .partlySucceeded): .partialSuccess
        case (.stopRequested, .failed), (.stopRequested, .stopped): .stopped
        case (.stopRequested, .started), (.stopRequested, .stopRequested), (.stopRequested, .requeued): nil
        case (.completed, _), (.partialSuccess, _), (.failed, _), (.stopped, _): nil
        }
    }
}
