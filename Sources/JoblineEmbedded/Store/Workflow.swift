internal import JoblineBackend
internal import JoblineProtocol

/// A workflow, as it is kept.
struct Workflow: Sendable, Hashable {
    /// Whose workflow it is: each kind has names of its own.
    enum Kind: String, Sendable, Hashable {
        case matching
        case idMapping

        /// What stands before the name in an ARN.
        var resource: String {
            switch self {
            case .matching: "matchingworkflow"
            case .idMapping: "idmappingworkflow"
            }
        }

        /// What one is called in a sentence.
        var noun: String {
            switch self {
            case .matching: "matching workflow"
            case .idMapping: "ID mapping workflow"
            }
        }

        /// The service's own name for the quota of them.
        var quotaName: String {
            switch self {
            case .matching: "Matching workflows"
            case .idMapping: "ID mapping workflows"
            }
        }

        /// The family of its jobs.
        var family: JobFamily {
            switch self {
            case .matching: .matching
            case .idMapping: .idMapping
            }
        }
    }

    /// Tells workflows apart that had the same name one after another; 0 until it is kept.
    var number: Int64
    var kind: Kind
    var name: String
    var arn: String
    /// The request that made it, as JSON.
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

/// Outcome of storing a workflow.
enum WorkflowInsertion: Sendable, Hashable {
    case inserted
    case nameTaken
    /// There are as many of the kind as there may be.
    case quotaReached
}
