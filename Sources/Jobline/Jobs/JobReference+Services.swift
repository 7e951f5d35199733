public import JoblineProtocol

extension JobReference {
    /// Reference of a Comprehend Medical job.
    ///
    /// - Parameters:
    ///   - family: Family of the job.
    ///   - jobID: ID of the job.
    /// - Returns: The reference.
    public static func comprehendMedical(_ family: ComprehendMedical.Family, _ jobID: String) -> JobReference {
        JobReference(family: JobFamily(family), id: jobID)
    }

    /// Reference of a Personalize job, with the family taken from the ARN.
    ///
    /// - Parameter arn: The job's ARN, such as `arn:aws:personalize:REGION:ACCOUNT:batch-segment-job/NAME`.
    /// - Returns: nil if `arn` is not the ARN of such a job.
    public static func personalize(arn: String) -> JobReference? {
        // The resource is the sixth component of an ARN.
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "personalize" else { return nil }
        switch parts[5].prefix(while: { $0 != "/" }) {
        case "batch-segment-job": return .batchSegment(arn: arn)
        case "batch-inference-job": return .batchInference(arn: arn)
        default: return nil
        }
    }

    /// Reference of a Personalize batch segment job.
    ///
    /// - Parameter arn: The job's ARN.
    /// - Returns: The reference.
    public static func batchSegment(arn: String) -> JobReference { JobReference(family: .batchSegment, id: arn) }

    /// Reference of a Personalize batch inference job.
    ///
    /// - Parameter arn: The job's ARN.
    /// - Returns: The reference.
    public static func batchInference(arn: String) -> JobReference { JobReference(family: .batchInference, id: arn) }

    /// Reference of an Entity Resolution matching job.
    ///
    /// - Parameters:
    ///   - workflow: Name of the workflow.
    ///   - jobID: ID of the job.
    /// - Returns: The reference.
    public static func matching(workflow: String, jobID: String) -> JobReference {
        JobReference(family: .matching, id: jobID, workflow: workflow)
    }

    /// Reference of an Entity Resolution ID mapping job.
    ///
    /// - Parameters:
    ///   - workflow: Name or ARN of the workflow.
    ///   - jobID: ID of the job.
    /// - Returns: The reference.
    public static func idMapping(workflow: String, jobID: String) -> JobReference {
        JobReference(family: .idMapping, id: jobID, workflow: workflow)
    }
}

extension JobFamily {
    /// Job family of a Comprehend Medical family.
    ///
    /// - Parameter family: The service's family.
    public init(_ family: ComprehendMedical.Family) { self.init(rawValue: family.rawValue) }
}
