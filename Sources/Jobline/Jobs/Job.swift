public import JoblineProtocol

/// What one job is found with: its family, its id, and its workflow where it has one.
public typealias JobReference = Sidecar.JobReference
/// A kind of job, of any service.
public typealias JobFamily = Sidecar.JobFamily
/// How far a job is, in the same words for all services.
public typealias JobState = Sidecar.JobState

/// A job of any service, in the words that all of them share.
///
/// What only one service knows is in ``original``. No service tells when the work on a job began, so there is no such time here.
public struct Job: Sendable, Hashable, Identifiable {
    /// What the job is found with.
    public var reference: JobReference
    /// Its name; nil where it has none, as in Entity Resolution.
    public var name: String?
    /// How far it is.
    public var state: JobState
    /// How far it is in its service's own word, such as `IN_PROGRESS` or `CREATE FAILED`; nil where none came.
    public var status: String?
    /// Why it failed, in its service's own words.
    public var message: String?
    /// When it was asked for.
    public var submitted: Timestamp?
    /// When it ended; nil until then. Of Personalize the time of its last change, once it has ended.
    public var ended: Timestamp?
    /// When it changed last; only Personalize tells.
    public var updated: Timestamp?
    /// When the service forgets it; only Comprehend Medical tells.
    public var expires: Timestamp?
    /// The part of its work that is done, from 0 to 1; only a watch tells, as far as the job's executor does.
    public var progress: Double?
    /// The job as its service shows it; nil if it is gone, or came as nothing that the contract describes.
    public var original: Original?

    /// A job.
    ///
    /// - Parameters:
    ///   - reference: What it is found with.
    ///   - name: Its name.
    ///   - state: How far it is.
    ///   - status: The same in its service's own word.
    ///   - message: Why it failed.
    ///   - submitted: When it was asked for.
    ///   - ended: When it ended.
    ///   - updated: When it changed last.
    ///   - expires: When the service forgets it.
    ///   - progress: The part of its work that is done, from 0 to 1.
    ///   - original: The job as its service shows it.
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

    /// The job's id; of Personalize its ARN.
    public var id: String { reference.id }
    /// The kind of job.
    public var family: JobFamily { reference.family }
    /// The workflow it belongs to; nil outside Entity Resolution.
    public var workflow: String? { reference.workflow }
    /// The service it belongs to, as in method names; nil for a family that this version does not know.
    public var service: String? { family.service }
}

extension Job {
    /// A job as its service shows it: whole, or as the summary that its lists hold.
    public enum Original: Sendable, Hashable {
        /// Of any family of Comprehend Medical, whose lists hold whole jobs.
        case comprehendMedical(ComprehendMedical.JobProperties)
        /// Of Personalize.
        case batchSegment(Personalize.BatchSegmentJob)
        /// Of Personalize, from a list.
        case batchSegmentSummary(Personalize.BatchSegmentJobSummary)
        /// Of Personalize.
        case batchInference(Personalize.BatchInferenceJob)
        /// Of Personalize, from a list.
        case batchInferenceSummary(Personalize.BatchInferenceJobSummary)
        /// Of Entity Resolution.
        case matching(EntityResolution.GetMatchingJobResponse)
        /// Of Entity Resolution, from a list.
        case matchingSummary(EntityResolution.JobSummary)
        /// Of Entity Resolution.
        case idMapping(EntityResolution.GetIdMappingJobResponse)
        /// Of Entity Resolution, from a list.
        case idMappingSummary(EntityResolution.JobSummary)
    }
}
