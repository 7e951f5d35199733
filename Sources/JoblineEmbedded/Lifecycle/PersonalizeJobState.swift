/// Statuses of a Personalize batch job, with spaces as the service spells them. There is no stop.
enum PersonalizeJobState: String, JobState {
    /// In the queue. Exits: ``inProgress``, ``createFailed``.
    case pending = "PENDING"
    /// An executor runs. Exits: ``active``, ``createFailed``, ``pending``.
    case inProgress = "IN PROGRESS"
    /// The job succeeded.
    case active = "ACTIVE"
    /// The job failed.
    case createFailed = "CREATE FAILED"

    static var initial: Self { .pending }

    var phase: JobPhase {
        switch self {
        case .pending: .waiting
        case .inProgress: .running
        case .active, .createFailed: .ended
        }
    }

    func after(_ event: JobEvent) -> Self? {
        switch (self, event) {
        case (.pending, .started): .inProgress
        case (.pending, .failed): .createFailed
        case (.pending, .succeeded), (.pending, .partlySucceeded), (.pending, .stopRequested), (.pending, .stopped),
            (.pending, .requeued):
            nil
        case (.inProgress, .succeeded), (.inProgress, .partlySucceeded): .active
        case (.inProgress, .failed): .createFailed
        case (.inProgress, .requeued): .pending
        case (.inProgress, .started), (.inProgress, .stopRequested), (.inProgress, .stopped): nil
        case (.active, _), (.createFailed, _): nil
        }
    }
}
