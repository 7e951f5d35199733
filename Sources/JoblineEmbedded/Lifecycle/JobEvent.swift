/// Event in the life of a job.
enum JobEvent: String, Sendable, Hashable, CaseIterable {
    /// The job was claimed for an executor.
    case started
    /// The executor succeeded, and all input was processed.
    case succeeded
    /// The executor succeeded, and some of the input was not processed.
    case partlySucceeded
    /// The job failed.
    case failed
    /// A caller stopped the job.
    case stopRequested
    /// The stopped job has ended.
    case stopped
    /// The job returned to its place in the queue.
    case requeued
}

/// Meaning of a status to the queue, the same for all services.
enum JobPhase: String, Sendable, Hashable, CaseIterable {
    /// In the queue.
    case waiting
    /// Claimed for an executor.
    case running
    /// Stopped by a caller; an executor may still run.
    case stopping
    /// Ended: the status does not change any more.
    case ended
}

/// State machine of a service's jobs.
protocol JobState: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
    /// Status of a new job.
    static var initial: Self { get }
    /// Meaning of the status to the queue.
    var phase: JobPhase { get }
    /// Returns the status after an event; nil if the event changes nothing.
    func after(_ event: JobEvent) -> Self?
}
