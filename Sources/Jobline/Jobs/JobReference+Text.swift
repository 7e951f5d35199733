public import JoblineProtocol

extension JobReference: LosslessStringConvertible {
    /// The reference as one word: `FAMILY/ID`, and `FAMILY/WORKFLOW/ID` of a job of Entity Resolution.
    ///
    /// `joblinectl start` prints it and every command of `joblinectl` takes it. ``init(_:)`` reads it.
    public var description: String {
        [family.rawValue, workflow, id].compactMap { $0 }.joined(separator: "/")
    }

    /// Reads a reference that ``description`` wrote or a person typed.
    ///
    /// The family may be in upper or lower case. The id begins behind the family's slash, so that an ARN may hold more of
    /// them; in a family with workflows it stands behind the last slash, so that the workflow may be an ARN. The ARN of a
    /// Personalize job tells the family and may stand alone.
    ///
    /// - Parameter text: Such as `RxNormInference/5f0c`, `Matching/people/5f0c` or
    ///   `BatchSegment/arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june`.
    /// - Returns: nil if this version does not know the family, or if the id or a workflow that the family needs is missing.
    public init?(_ text: String) {
        if let reference = JobReference.personalize(arn: text) {
            self = reference
            return
        }
        guard let slash = text.firstIndex(of: "/"), let family = JobFamily.named(text[..<slash]) else { return nil }
        let rest = text[text.index(after: slash)...]
        guard family.hasWorkflows else {
            guard !rest.isEmpty else { return nil }
            self.init(family: family, id: String(rest))
            return
        }
        guard let last = rest.lastIndex(of: "/") else { return nil }
        let (workflow, id) = (rest[..<last], rest[rest.index(after: last)...])
        // An ARN of a workflow holds a slash itself, and names nothing without what stands behind it.
        guard !id.isEmpty, !workflow.isEmpty, !workflow.hasPrefix("arn:") || workflow.contains("/") else { return nil }
        self.init(family: family, id: String(id), workflow: String(workflow))
    }
}

extension JobFamily {
    /// The family that is called so, in upper or lower case; nil if this version does not know it.
    package static func named(_ name: some StringProtocol) -> JobFamily? {
        known.first { $0.rawValue.lowercased() == name.lowercased() }
    }
}
