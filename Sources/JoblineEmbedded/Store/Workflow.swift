internal import JoblineBackend
internal import JoblineProtocol

/// A stored workflow.
struct Workflow: Sendable, Hashable {
    /// Kind of a workflow. Each kind has its own names.
    enum Kind: String, Sendable, Hashable {
        case matching
        case idMapping

        /// Resource type in an ARN.
        var resource: String {
            switch self {
            case .matching: "matchingworkflow"
            case .idMapping: "idmappingworkflow"
            }
        }

        /// Noun for messages.
        var noun: String {
            switch self {
            case .matching: "matching workflow"
            case .idMapping: "ID mapping workflow"
            }
        }

        /// Service's name of the quota.
        var quotaName: String {
            switch self {
            case .matching: "Matching workflows"
            case .idMapping: "ID mapping workflows"
            }
        }

        /// Family of its jobs.
        var family: JobFamily {
            switch self {
            case .matching: .matching
            case .idMapping: .idMapping
            }
        }
    }

    /// Number of the record: a workflow recreated under an old name has another one. 0 until it is stored.
    var number: Int64
    var kind: Kind
    var name: String
    var arn: String
    /// Create request as JSON.
    var document: String
    var created: Timestamp
    var updated: Timestamp

    init(
        number: Int64 = 0, kind: Kind, name: String, arn: String, document: String, created: Timestamp,
        updated: Timestamp
    ) {
        self.number = number
        self.kind = kind
        self.name = name
        self.arn = arn
        self.document = document
        self.created = created
        self.updated = updated
    }
}

/// Result of ``JobStore/insert(_:quota:)``.
enum WorkflowInsertion: Sendable, Hashable {
    case inserted
    case nameTaken
    /// The maximum number of workflows of the kind exists.
    case quotaReached
}
