public import JoblineProtocol

extension JobReference: LosslessStringConvertible {
    /// The reference as one word: `FAMILY/ID`, and `FAMILY/WORKFLOW/ID` of a job of Entity Resolution.
    ///
    /// `joblinectl start` prints this form, every command of `joblinectl` accepts it, and ``init(_:)`` parses it.
    public var description: String {
        [family.rawValue, workflow, id].compactMap { $0 }.joined(separator: "/")
    }

    /// Parses a reference from ``description`` or from user input.
    ///
    /// The family is case-insensitive. The ID follows the family's slash, so it may be an ARN with further slashes. In
    /// a family with workflows it follows the last slash, so the workflow may be an ARN. The ARN of a Personalize job
    /// implies the family and may stand alone.
    ///
    /// - Parameter text: Text such as `RxNormInference/5f0c`, `Matching/people/5f0c` or
    ///   `BatchSegment/arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june`.
    /// - Returns: nil if this version does not know the family, or if the ID or a required workflow is missing.
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
        // The ARN of a workflow contains a slash and is incomplete without the part after it.
        guard !id.isEmpty, !workflow.isEmpty, !workflow.hasPrefix("arn:") || workflow.contains("/") else { return nil }
        self.init(family: family, id: String(id), workflow: String(workflow))
    }
}

extension JobFamily {
    /// Returns the family with the name, case-insensitive; nil if this version does not know it.
    package static func named(_ name: some StringProtocol) -> JobFamily? {
        known.first { $0.rawValue.lowercased() == name.lowercased() }
    }
}
