internal import JoblineBackend
internal import JoblineProtocol

extension Job {
    /// State of the job, in the terms that all services share.
    var state: Sidecar.JobState {
        switch key.family.service {
        case .comprehendMedical: Sidecar.JobState(ComprehendMedical.JobStatus(rawValue: status.name))
        case .personalize: Sidecar.JobState(Personalize.JobStatus(rawValue: status.name))
        case .entityResolution: Sidecar.JobState(EntityResolution.JobStatus(rawValue: status.name))
        }
    }
}
