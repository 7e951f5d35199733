internal import JoblineBackend

/// A status in the service's spelling, with its meaning to the queue.
struct JobStatus: Sendable, Hashable {
    var name: String
    var phase: JobPhase

    init(_ state: some JobState) {
        name = state.rawValue
        phase = state.phase
    }

    init(name: String, phase: JobPhase) {
        self.name = name
        self.phase = phase
    }
}

extension Job {
    /// Returns the status after an event; nil if the event changes nothing.
    func status(after event: JobEvent) -> JobStatus? { key.family.service.status(after: event, from: status.name) }
}

extension JobFamily.Service {
    /// State machine of the service's jobs.
    private var states: any JobState.Type {
        switch self {
        case .comprehendMedical: ComprehendMedicalJobState.self
        case .personalize: PersonalizeJobState.self
        case .entityResolution: EntityResolutionJobState.self
        }
    }

    /// Status of a new job.
    var initialStatus: JobStatus { JobStatus(states.initial) }

    /// Returns the status after an event; nil if the event changes nothing or the service has no such status.
    func status(after event: JobEvent, from name: String) -> JobStatus? {
        func step<State: JobState>(_ type: State.Type) -> JobStatus? {
            State(rawValue: name)?.after(event).map { JobStatus($0) }
        }
        return step(states)
    }
}
