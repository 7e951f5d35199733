package import JoblineProtocol

/// Names one job among those of all services, with everything that its service needs to find it.
///
/// References to the same job are equal: ids are unique within a family, and callers may spell the workflow as name or ARN, so
/// that it is no part of the identity.
package struct JobReference: Sendable {
    package var family: JobFamily
    /// Workflow of an Entity Resolution job, by name or ARN; nil for other jobs, and where only the identity matters.
    package var workflow: String?
    /// Id of the job; for Personalize its ARN.
    package var id: String

    package init(_ family: JobFamily, _ id: String, workflow: String? = nil) {
        self.family = family
        self.id = id
        self.workflow = workflow
    }

    /// - Parameter reference: Reference in a message; nil is returned for a family that this version does not know.
    package init?(_ reference: Sidecar.JobReference) {
        guard let family = JobFamily(reference.family) else { return nil }
        self.init(family, reference.id, workflow: reference.workflow)
    }
}

extension JobReference: Hashable {
    package static func == (left: JobReference, right: JobReference) -> Bool {
        left.id == right.id && left.family == right.family
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(family)
        hasher.combine(id)
    }
}
