/// Service as it is on the wires of AWS.
struct AWSWires {
    enum Wire: String, CaseIterable { case json, cbor, rest }

    var wires: [Wire]
    /// Prefix of `X-Amz-Target`; nil for a REST service.
    var target: String?
    /// Name of the service in signatures.
    var signingName: String
    /// Member with the text of an error.
    var message: String
    /// HTTP status by error type, where it is not 400.
    var statuses: [(type: String, status: Int)]
}

/// Place of an operation in a REST request.
struct HTTPBinding {
    enum Verb: String, CaseIterable { case GET, PUT, POST, DELETE }

    enum Segment: Hashable {
        case fixed(String)
        /// Value of a member of the request.
        case member(String)
    }

    var verb: Verb
    var path: [Segment]

    var labels: [String] {
        path.compactMap { segment in
            switch segment {
            case .fixed: nil
            case .member(let name): name
            }
        }
    }

    /// Returns the members of a request that are in the query: those that are not in the path, if there is no body.
    func query(of request: [Member]) -> [Member] {
        guard verb == .GET || verb == .DELETE else { return [] }
        return request.filter { !labels.contains($0.name) }
    }
}

extension Service {
    /// Names of the members that are times, sorted. A name is a time in all messages or in none.
    var timeMembers: [String] { Set(allMembers.filter { $0.type.isTime }.map(\.name)).sorted() }

    /// Members of all messages and structures.
    var allMembers: [Member] {
        operations.flatMap { operation -> [Member] in
            guard case .members(let response) = operation.response else { return operation.request }
            return operation.request + response
        } + structures.flatMap(\.members)
    }

    /// Every type of error that the service can return.
    var errorTypes: Set<String> { Set(errors.values).union(operations.flatMap(\.errors).map(\.type)) }
}

extension TypeReference {
    /// Whether the value, or each element, is a time.
    var isTime: Bool {
        switch self {
        case .builtin(let type): type == .timestamp
        case .scalar(let scalar): scalar.type == .timestamp
        case .list(let element): element.isTime
        case .structure, .enumeration, .map: false
        }
    }
}
