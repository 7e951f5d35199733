public import JoblineProtocol

extension JobReference {
    /// A job of Comprehend Medical.
    ///
    /// - Parameters:
    ///   - family: Its kind.
    ///   - jobID: Its id.
    /// - Returns: What it is found with.
    public static func comprehendMedical(_ family: ComprehendMedical.Family, _ jobID: String) -> JobReference {
        JobReference(family: JobFamily(family), id: jobID)
    }

    /// A job of Personalize whose kind is in its ARN.
    ///
    /// - Parameter arn: The job's ARN, such as `arn:aws:personalize:REGION:ACCOUNT:batch-segment-job/NAME`.
    /// - Returns: nil if `arn` is not the ARN of such a job.
    public static func personalize(arn: String) -> JobReference? {
        // The resource is the sixth of the parts that colons separate.
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "personalize" else { return nil }
        switch parts[5].prefix(while: { $0 != "/" }) {
        case "batch-segment-job": return .batchSegment(arn: arn)
        case "batch-inference-job": return .batchInference(arn: arn)
        default: return nil
        }
    }

    /// A batch segment job of Personalize.
    ///
    /// - Parameter arn: The job's ARN.
    /// - Returns: What it is found with.
    public static func batchSegment(arn: String) -> JobReference { JobReference(family: .batchSegment, id: arn) }

    /// A batch inference job of Personalize.
    ///
    /// - Parameter arn: The job's ARN.
    /// - Returns: What it is found with.
    public static func batchInference(arn: String) -> JobReference { JobReference(family: .batchInference, id: arn) }

    /// A matching job of Entity Resolution.
    ///
    /// - Parameters:
    ///   - workflow: The name of its workflow.
    ///   - jobID: Its id.
    /// - Returns: What it is found with.
    public static func matching(workflow: String, jobID: String) -> JobReference {
        JobReference(family: .matching, id: jobID, workflow: workflow)
    }

    /// An ID mapping job of Entity Resolution.
    ///
    /// - Parameters:
    ///   - workflow: The name or the ARN of its workflow.
    ///   - jobID: Its id.
    /// - Returns: What it is found with.
    public static func idMapping(workflow: String, jobID: String) -> JobReference {
        JobReference(family: .idMapping, id: jobID, workflow: workflow)
    }
}

extension JobFamily {
    /// A kind of job of Comprehend Medical.
    ///
    /// - Parameter family: The service's family.
    public init(_ family: ComprehendMedical.Family) { self.init(rawValue: family.rawValue) }
}
