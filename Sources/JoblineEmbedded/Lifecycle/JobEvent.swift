/// What happens to a job.
enum JobEvent: String, Sendable, Hashable, CaseIterable {
    /// The queue gave the job to an executor.
    case started
    /// The executor ended well, and everything was processed.
    case succeeded
    /// The executor ended well, and some of the input was left unprocessed.
    case partlySucceeded
    /// The job cannot be done.
    case failed
    /// A caller asked for the job to be stopped.
    case stopRequested
    /// What was to be stopped has ended.
    case stopped
    /// The job goes back to its place in the queue.
    case requeued
}

/// What a status means to the queue, whatever the service calls it.
enum JobPhase: String, Sendable, Hashable, CaseIterable {
    /// In the queue.
    case waiting
    /// Given to an executor.
    case running
    /// To be stopped; an executor may still run.
    case stopping
    /// Over; the status does not change any more.
    case ended
}

/// The statuses of a service's jobs, and how they follow from one another.
protocol JobState: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
    /// The status of a new job.
    static var initial: Self { get }
    /// What the status means to the queue.
    var phase: JobPhase { get }
    /// The status after an event, or nil where the event changes nothing.
    func after(_ event: JobEvent) -> Self?
}
