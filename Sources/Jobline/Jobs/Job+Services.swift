public import JoblineProtocol

// Conversions from each service's job to the common one.

extension Job {
    /// A job of Comprehend Medical, from a description or a list.
    ///
    /// - Parameters:
    ///   - job: The job as the service describes it.
    ///   - family: Family of the job, which the description lacks.
    public init(_ job: ComprehendMedical.JobProperties, family: ComprehendMedical.Family) {
        self.init(job, .comprehendMedical(family, job.jobID ?? ""))
    }

    init(_ job: ComprehendMedical.JobProperties, _ reference: JobReference) {
        self.init(
            reference: reference, name: job.jobName, state: job.jobStatus.map { JobState($0) } ?? .unknown,
            status: job.jobStatus?.rawValue, message: job.message, submitted: job.submitTime, ended: job.endTime,
            expires: job.expirationTime, original: .comprehendMedical(job))
    }
}

extension Job {
    /// A batch segment job of Personalize.
    public init(_ job: Personalize.BatchSegmentJob) {
        self.init(
            .batchSegment(arn: job.batchSegmentJobARN ?? ""), job.jobName, job.status, job.failureReason,
            job.creationDateTime, job.lastUpdatedDateTime, .batchSegment(job))
    }

    /// A batch segment job of Personalize, from a list.
    public init(_ job: Personalize.BatchSegmentJobSummary) {
        self.init(
            .batchSegment(arn: job.batchSegmentJobARN ?? ""), job.jobName, job.status, job.failureReason,
            job.creationDateTime, job.lastUpdatedDateTime, .batchSegmentSummary(job))
    }

    /// A batch inference job of Personalize.
    public init(_ job: Personalize.BatchInferenceJob) {
        self.init(
            .batchInference(arn: job.batchInferenceJobARN ?? ""), job.jobName, job.status, job.failureReason,
            job.creationDateTime, job.lastUpdatedDateTime, .batchInference(job))
    }

    /// A batch inference job of Personalize, from a list.
    public init(_ job: Personalize.BatchInferenceJobSummary) {
        self.init(
            .batchInference(arn: job.batchInferenceJobARN ?? ""), job.jobName, job.status, job.failureReason,
            job.creationDateTime, job.lastUpdatedDateTime, .batchInferenceSummary(job))
    }

    private init(
        _ reference: JobReference, _ name: String?, _ status: Personalize.JobStatus?, _ message: String?,
        _ created: Timestamp?, _ updated: Timestamp?, _ original: Original
    ) {
        let state = status.map { JobState($0) } ?? .unknown
        self.init(
            reference: reference, name: name, state: state, status: status?.rawValue, message: message,
            submitted: created, ended: state.isTerminal ? updated : nil, updated: updated, original: original)
    }
}

extension Job {
    /// A matching job of Entity Resolution.
    ///
    /// - Parameters:
    ///   - job: The job as the service describes it.
    ///   - workflow: Workflow of the job, which the description lacks.
    public init(_ job: EntityResolution.GetMatchingJobResponse, workflow: String) {
        self.init(
            .matching(workflow: workflow, jobID: job.jobID), job.status, job.startTime, job.endTime,
            job.errorDetails?.errorMessage, .matching(job))
    }

    /// A matching job of Entity Resolution, from a list.
    ///
    /// - Parameters:
    ///   - job: The job as the service describes it.
    ///   - workflow: Workflow whose jobs were listed.
    public init(matching job: EntityResolution.JobSummary, workflow: String) {
        self.init(
            .matching(workflow: workflow, jobID: job.jobID), job.status, job.startTime, job.endTime, nil,
            .matchingSummary(job))
    }

    /// An ID mapping job of Entity Resolution.
    ///
    /// - Parameters:
    ///   - job: The job as the service describes it.
    ///   - workflow: Workflow of the job, which the description lacks.
    public init(_ job: EntityResolution.GetIdMappingJobResponse, workflow: String) {
        self.init(
            .idMapping(workflow: workflow, jobID: job.jobID), job.status, job.startTime, job.endTime,
            job.errorDetails?.errorMessage, .idMapping(job))
    }

    /// An ID mapping job of Entity Resolution, from a list.
    ///
    /// - Parameters:
    ///   - job: The job as the service describes it.
    ///   - workflow: Workflow whose jobs were listed.
    public init(idMapping job: EntityResolution.JobSummary, workflow: String) {
        self.init(
            .idMapping(workflow: workflow, jobID: job.jobID), job.status, job.startTime, job.endTime, nil,
            .idMappingSummary(job))
    }

    /// Converts the common members. The service sets the start time while the job is still queued, so it is the time of
    /// submission.
    private init(
        _ reference: JobReference, _ status: EntityResolution.JobStatus, _ started: Timestamp, _ ended: Timestamp?,
        _ message: String?, _ original: Original
    ) {
        self.init(
            reference: reference, state: JobState(status), status: status.rawValue, message: message,
            submitted: started, ended: ended, original: original)
    }
}
