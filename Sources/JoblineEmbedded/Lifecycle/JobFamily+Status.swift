internal import JoblineBackend

/// A status as the service spells it, with what it means to the queue.
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
    /// The status that follows, or nil where the event changes nothing.
    func status(after event: JobEvent) -> JobStatus? { key.family.service.status(after: event, from: status.name) }
}

extension JobFamily.Service {
    /// The life cycle of the service's jobs.
    private var states: any JobState.Type {
        switch self {
        case .comprehendMedical: ComprehendMedicalJobState.self
        case .personalize: PersonalizeJobState.self
        case .entityResolution: EntityResolutionJobState.self
        }
    }

    /// The status of a new job.
    var initialStatus: JobStatus { JobStatus(states.initial) }

    /// The status that follows, or nil where the event changes nothing or the status is none of this service's.
    func status(after event: JobEvent, from name: String) -> JobStatus? {
        func step<State: JobState>(_ type: State.Type) -> JobStatus? {
            State(rawValue: name)?.after(event).map { JobStatus($0) }
        }
        return step(states)
    }
}
