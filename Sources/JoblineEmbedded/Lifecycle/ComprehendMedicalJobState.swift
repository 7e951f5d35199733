/// The statuses of a Comprehend Medical job.
enum ComprehendMedicalJobState: String, JobState {
    /// In the queue. Exits: ``inProgress``, ``stopRequested``, ``failed``.
    case submitted = "SUBMITTED"
    /// An executor runs. Exits: ``completed``, ``partialSuccess``, ``failed``, ``stopRequested``, ``submitted``.
    case inProgress = "IN_PROGRESS"
    /// To be stopped. Exits: ``stopped``, or ``completed`` and ``partialSuccess`` where the executor finished first.
    case stopRequested = "STOP_REQUESTED"
    /// The end of a job whose input was processed whole.
    case completed = "COMPLETED"
    /// The end of a job that left some of its input unprocessed.
    case partialSuccess = "PARTIAL_SUCCESS"
    /// The end of a job that could not be done.
    case failed = "FAILED"
    /// The end of a job that a caller stopped.
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
