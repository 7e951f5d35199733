/// One operation, or one for each family where its name holds the placeholder.
struct Operation {
    enum LimitClass: String, CaseIterable { case read, write, unlimited }
    enum RetrySafety: String, CaseIterable { case readonly, idempotent, token, name, never }
    enum Answerer: String, CaseIterable { case service, connection }

    /// Names of the members that a list is paged with.
    struct Pages {
        var token: String
        var limit: String
        var items: String
    }

    /// The members that name a job.
    struct JobMembers {
        /// nil for the family in the operation's name.
        var family: String?
        /// A member of the response where the operation starts the job, else of the request.
        var id: String
        /// A member of the request; nil for a job without a workflow.
        var workflow: String?
    }

    /// An error that the operation is known to answer with.
    struct RaisedError {
        /// nil for a name that the real service has and that none of the kinds stands for.
        var kind: ErrorKind?
        /// The name on the wire.
        var type: String
    }

    enum Response {
        case members([Member])
        /// Any JSON value.
        case document
    }

    /// Characters of a summary; it has to fit a line of a table.
    static let maximumSummary = 90
    static let placeholder = "{Family}"
    static let clausePlaceholder = "{family}"

    /// With the placeholder, if it is made for families.
    var template: String
    var summary: String
    var limitClass: LimitClass
    var retrySafety: RetrySafety
    var pages: Pages?
    /// The job that it starts or is about; nil where it is about none.
    var job: JobMembers?
    /// The structure that it sends, again and again, before its final reply; nil where it sends none.
    var notifies: String?
    var errors: [RaisedError]
    var answeredBy: Answerer
    var request: [Member]
    var response: Response
    var location: Diagnostic.Location

    /// True if the SDK has a call for it: one question to a service, and one answer. For what the connection answers, and for what
    /// notifies, it has its own ways.
    var isCall: Bool { answeredBy == .service && notifies == nil }

    /// The member of the response that names the job which the operation starts; nil where it starts none.
    var startedJobID: Member? {
        guard let job, case .members(let members) = response, !request.contains(where: { $0.name == job.id }) else {
            return nil
        }
        return members.first { $0.name == job.id }
    }

    var isForFamilies: Bool { template.contains(Self.placeholder) }

    /// The name without the placeholder, from which the names of its messages are made.
    var baseName: String { template.replacing(Self.placeholder, with: "") }

    /// The kinds of error that the operation is known to answer with, without those of the daemon.
    var ownErrors: [ErrorKind] {
        ErrorKind.allCases.filter { kind in !ErrorKind.fromDaemon.contains(kind) && errors.contains { $0.kind == kind }
        }
    }

    /// The names of this operation's own types for kinds of error, where they differ from its service's.
    func errorOverrides(in service: Service) -> [ErrorKind: String] {
        var overrides: [ErrorKind: String] = [:]
        for error in errors {
            if let kind = error.kind, service.errors[kind] != error.type { overrides[kind] = error.type }
        }
        return overrides
    }
}

/// One name on the wire.
struct Method {
    var service: Service
    var operation: Operation
    var family: Family?

    /// The part after the dot.
    var operationName: String {
        guard let family else { return operation.template }
        return operation.template.replacing(Operation.placeholder, with: family.name)
    }

    /// `Service.Operation`.
    var wireName: String { "\(service.name).\(operationName)" }

    var summary: String {
        operation.summary.replacing(Operation.clausePlaceholder, with: family?.clause ?? "")
    }
}

extension Service {
    /// Every method of the service, families expanded, in the order of the contract.
    var methods: [Method] {
        operations.flatMap { operation in
            operation.isForFamilies
                ? families.map { Method(service: self, operation: operation, family: $0) }
                : [Method(service: self, operation: operation, family: nil)]
        }
    }
}
