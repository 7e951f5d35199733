import Jobline

/// Analyses the notes of a day every night.
public struct NightlyNotes: Sendable {
    /// Outcome of a night's job.
    public enum Report: Equatable, Sendable {
        /// The job has not ended.
        case pending
        /// All notes were looked through.
        case complete
        /// Some of them could not be.
        case incomplete(String)
        /// None were, and why.
        case failed(String)
        /// There is no such job.
        case unknown
    }

    private let client: JoblineClient

    /// The notes, by way of a client of the daemon.
    public init(client: JoblineClient) { self.client = client }

    /// Starts the job of a night. To do it again for the same night changes nothing.
    ///
    /// - Returns: What the job is found with.
    public func start(night: String) async throws -> JobReference {
        let started = try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes", s3Key: "\(night)/"),
            outputDataConfig: .init(s3Bucket: "findings"),
            dataAccessRoleARN: "arn:aws:iam::000000000000:role/nightly", languageCode: .en,
            clientRequestToken: "nightly-\(night)")
        return started.reference
    }

    /// Outcome of a job.
    public func report(_ reference: JobReference) async throws -> Report {
        guard let job = try await client.jobIfFound(reference) else { return .unknown }
        switch job.state {
        case .succeeded: return .complete
        case .partial: return .incomplete(job.message ?? "")
        case .failed: return .failed(job.message ?? "")
        case .stopped: return .failed("stopped")
        default: return .pending
        }
    }
}
