/// Operation, or one operation for each family if the name contains the placeholder.
struct Operation {
    enum LimitClass: String, CaseIterable { case read, write, unlimited }
    enum RetrySafety: String, CaseIterable { case readonly, idempotent, token, name, never }
    enum Answerer: String, CaseIterable { case service, connection }

    /// Names of the members of a paginated list.
    struct Pages {
        var token: String
        var limit: String
        var items: String
    }

    /// Names of the members that identify a job.
    struct JobMembers {
        /// Family; nil if it is in the operation's name.
        var family: String?
        /// Member of the response if the operation starts the job, otherwise of the request.
        var id: String
        /// Member of the request; nil for a job without a workflow.
        var workflow: String?
    }

    /// Error that the operation can return.
    struct RaisedError {
        /// Kind; nil for an error of the real service that fits none of the kinds.
        var kind: ErrorKind?
        /// Name on the wire.
        var type: String
    }

    enum Response {
        case members([Member])
        case document
    }

    /// Maximum characters of a summary, so that it fits in a line of a table.
    static let maximumSummary = 90
    static let placeholder = "{Family}"
    static let clausePlaceholder = "{family}"

    /// Name, with the placeholder if the operation exists for each family.
    var template: String
    var summary: String
    var limitClass: LimitClass
    var retrySafety: RetrySafety
    var pages: Pages?
    /// Job that the operation starts or refers to; nil if there is none.
    var job: JobMembers?
    /// Structure of the notifications before the final reply; nil if there are none.
    var notifies: String?
    var errors: [RaisedError]
    var answeredBy: Answerer
    /// Place in a REST request; nil for an operation of a service without REST.
    var http: HTTPBinding?
    var request: [Member]
    var response: Response
    var location: Diagnostic.Location

    /// Whether the SDK has a generated call: one request to a service, one response. Methods of the connection and
    /// methods with notifications have hand-written ones.
    var isCall: Bool { answeredBy == .service && notifies == nil }

    /// Response member with the id of the job that the operation starts; nil if it starts none.
    var startedJobID: Member? {
        guard let job, case .members(let members) = response, !request.contains(where: { $0.name == job.id }) else {
            return nil
        }
        return members.first { $0.name == job.id }
    }

    var isForFamilies: Bool { template.contains(Self.placeholder) }

    /// Name without the placeholder, from which the names of its messages are derived.
    var baseName: String { template.replacing(Self.placeholder, with: "") }

    /// Kinds of error that the operation can return, except those of the daemon itself.
    var ownErrors: [ErrorKind] {
        ErrorKind.allCases.filter { kind in !ErrorKind.fromDaemon.contains(kind) && errors.contains { $0.kind == kind }
        }
    }

    /// Returns the names of errors that differ from those of the service.
    func errorOverrides(in service: Service) -> [ErrorKind: String] {
        var overrides: [ErrorKind: String] = [:]
        for error in errors {
            if let kind = error.kind, service.errors[kind] != error.type { overrides[kind] = error.type }
        }
        return overrides
    }
}

/// Method on the wire.
struct Method {
    var service: Service
    var operation: Operation
    var family: Family?

    /// Part of the name after the dot.
    var operationName: String {
        guard let family else { return operation.template }
        return operation.template.replacing(Operation.placeholder, with: family.name)
    }

    var wireName: String { "\(service.name).\(operationName)" }

    var summary: String {
        operation.summary.replacing(Operation.clausePlaceholder, with: family?.clause ?? "")
    }
}

extension Service {
    /// Every method of the service, for each family, in the order of the contract.
    var methods: [Method] {
        operations.flatMap { operation in
            operation.isForFamilies
                ? families.map { Method(service: self, operation: operation, family: $0) }
                : [Method(service: self, operation: operation, family: nil)]
        }
    }
}
