// The statuses of the three services in the words that hold for all of them.

extension Sidecar.JobState {
    /// The state that a status of Amazon Comprehend Medical stands for.
    package init(_ status: ComprehendMedical.JobStatus) {
        switch status {
        case .submitted: self = .queued
        case .inProgress: self = .running
        case .stopRequested: self = .stopping
        case .completed: self = .succeeded
        case .partialSuccess: self = .partial
        case .failed: self = .failed
        case .stopped: self = .stopped
        default: self = .unknown
        }
    }

    /// The state that a status of Amazon Personalize stands for.
    ///
    /// The service documents `PENDING` and `IN PROGRESS`, and is known to answer `CREATE PENDING` and `CREATE IN_PROGRESS`.
    package init(_ status: Personalize.JobStatus) {
        var words = status.rawValue.replacing("_", with: " ").uppercased()
        if words != Personalize.JobStatus.createFailed.rawValue { words.trimPrefix("CREATE ") }
        switch Personalize.JobStatus(rawValue: words) {
        case .pending: self = .queued
        case .inProgress: self = .running
        case .active: self = .succeeded
        case .createFailed, Personalize.JobStatus(rawValue: "FAILED"): self = .failed
        default: self = .unknown
        }
    }

    /// The state that a status of AWS Entity Resolution stands for.
    package init(_ status: EntityResolution.JobStatus) {
        switch status {
        case .queued: self = .queued
        case .running: self = .running
        case .succeeded: self = .succeeded
        case .failed: self = .failed
        default: self = .unknown
        }
    }

    /// True if the state is a last one: no other follows it.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .partial, .failed, .stopped, .gone: true
        default: false
        }
    }
}

extension Sidecar.JobFamily {
    /// The service of the family, named as in method names; nil for a family that this version does not know.
    public var service: String? {
        switch self {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            "ComprehendMedical"
        case .batchSegment, .batchInference: "Personalize"
        case .matching, .idMapping: "EntityResolution"
        default: nil
        }
    }

    /// True if a job of the family is found only together with its workflow.
    public var hasWorkflows: Bool { service == "EntityResolution" }
}
