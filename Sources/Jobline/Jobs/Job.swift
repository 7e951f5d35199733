public import JoblineProtocol

/// Reference of a job: its family, its ID, and its workflow if it has one.
public typealias JobReference = Sidecar.JobReference
/// Job family of any service.
public typealias JobFamily = Sidecar.JobFamily
/// State of a job, common to all services.
public typealias JobState = Sidecar.JobState

/// A job of any service, with the members common to all of them.
///
/// Members specific to one service are in ``original``. No service reports when a job started to run, so there is no
/// such time here.
public struct Job: Sendable, Hashable, Identifiable {
    /// Reference of the job.
    public var reference: JobReference
    /// Name of the job; nil if it has none, as in Entity Resolution.
    public var name: String?
    /// State of the job.
    public var state: JobState
    /// Status in the service's own words, such as `IN_PROGRESS` or `CREATE FAILED`; nil if the service sent none.
    public var status: String?
    /// Reason for the failure, in the service's own words.
    public var message: String?
    /// Time of submission.
    public var submitted: Timestamp?
    /// Time of the end; nil until then. For Personalize, the time of the last update once the job has ended.
    public var ended: Timestamp?
    /// Time of the last update; Personalize only.
    public var updated: Timestamp?
    /// Time at which the service deletes the job; Comprehend Medical only.
    public var expires: Timestamp?
    /// Fraction of the work that is done, from 0 to 1; only in watches, and only if the job's executor reports it.
    public var progress: Double?
    /// The job as its service describes it; nil if it is gone or its description does not match the contract.
    public var original: Original?

    /// Creates a job.
    ///
    /// - Parameters:
    ///   - reference: Reference of the job.
    ///   - name: Name of the job.
    ///   - state: State of the job.
    ///   - status: Status in the service's own words.
    ///   - message: Reason for the failure.
    ///   - submitted: Time of submission.
    ///   - ended: Time of the end.
    ///   - updated: Time of the last update.
    ///   - expires: Time at which the service deletes the job.
    ///   - progress: Fraction of the work that is done, from 0 to 1.
    ///   - original: The job as its service describes it.
    public init(
        reference: JobReference, name: String? = nil, state: JobState, status: String? = nil, message: String? = nil,
        submitted: Timestamp? = nil, ended: Timestamp? = nil, updated: Timestamp? = nil, expires: Timestamp? = nil,
        progress: Double? = nil, original: Original? = nil
    ) {
        self.reference = reference
        self.name = name
        self.state = state
        self.status = status
        self.message = message
        self.submitted = submitted
        self.ended = ended
        self.updated = updated
        self.expires = expires
        self.progress = progress
        self.original = original
    }

    /// ID of the job; for Personalize, its ARN.
    public var id: String { reference.id }
    /// Family of the job.
    public var family: JobFamily { reference.family }
    /// Workflow of the job; nil outside Entity Resolution.
    public var workflow: String? { reference.workflow }
    /// Service of the job, as in method names; nil for a family that this version does not know.
    public var service: String? { family.service }
}

extension Job {
    /// A job as its service describes it: a full description, or a summary from a list.
    public enum Original: Sendable, Hashable {
        /// Comprehend Medical job of any family; its lists hold full descriptions.
        case comprehendMedical(ComprehendMedical.JobProperties)
        /// Full description from Personalize.
        case batchSegment(Personalize.BatchSegmentJob)
        /// Summary from a list of Personalize.
        case batchSegmentSummary(Personalize.BatchSegmentJobSummary)
        /// Full description from Personalize.
        case batchInference(Personalize.BatchInferenceJob)
        /// Summary from a list of Personalize.
        case batchInferenceSummary(Personalize.BatchInferenceJobSummary)
        /// Full description from Entity Resolution.
        case matching(EntityResolution.GetMatchingJobResponse)
        /// Summary from a list of Entity Resolution.
        case matchingSummary(EntityResolution.JobSummary)
        /// Full description from Entity Resolution.
        case idMapping(EntityResolution.GetIdMappingJobResponse)
        /// Summary from a list of Entity Resolution.
        case idMappingSummary(EntityResolution.JobSummary)
    }
}
