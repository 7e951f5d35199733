/// Contract as an OpenRPC 1.3 document; `x-` members hold rate limits, retry rules and sensitivity.
struct OpenRPCDocument {
    let contract: Contract

    init(_ contract: Contract) { self.contract = contract }

    var value: JSONValue {
        .object([
            ("openrpc", .string("1.3.2")),
            ("info", .object([("title", .string("jobline")), ("version", .string("1"))])),
            ("methods", .array(contract.services.flatMap(\.methods).map(\.openRPC))),
            (
                "components",
                .object([
                    ("schemas", .object(contract.services.flatMap(\.schemas))),
                    ("errors", .object(contract.services.flatMap(\.errorObjects))),
                ])
            ),
        ])
    }
}

// MARK: - Methods

extension Method {
    fileprivate var openRPC: JSONValue {
        var members: [(String, JSONValue)] = [
            ("name", .string(wireName)), ("summary", .string(summary)), ("paramStructure", .string("by-name")),
            ("params", .array(operation.request.map { $0.contentDescriptor(in: service) })),
            ("result", result), ("errors", .array(errors)),
            ("x-limit", .string(operation.limitClass.rawValue)), ("x-retry", .string(operation.retrySafety.rawValue)),
        ]
        if let pages = operation.pages {
            let names = [("token", pages.token), ("limit", pages.limit), ("items", pages.items)]
            members.append(("x-pages", .object(names.map { ($0, .string($1)) })))
        }
        if let structure = operation.notifies {
            let schema = JSONValue.reference("schemas", "\(service.name).\(structure)")
            members.append(
                (
                    "x-notification",
                    .object([("method", .string("\(service.name).\(structure)")), ("params", schema)])
                ))
        }
        return .object(members)
    }

    private var result: JSONValue {
        let schema: JSONValue =
            switch operation.response {
            case .members: .reference("schemas", "\(service.name).\(operation.responseName)")
            case .document: .object([])
            }
        return .object([("name", .string("result")), ("schema", schema)])
    }

    /// Errors that the operation lists, and those that the daemon returns for any request.
    private var errors: [JSONValue] {
        var kinds = operation.errors.compactMap(\.kind)
        let always =
            operation.limitClass == .unlimited ? [.internalError, .unavailable] : ErrorKind.fromDaemon
        kinds += always.filter { !kinds.contains($0) && service.errors[$0] != nil }
        let overrides = operation.errorOverrides(in: service)
        let known = kinds.map { kind in
            overrides[kind].map { kind.object($0) } ?? .reference("errors", "\(service.name).\(kind.rawValue)")
        }
        return known + operation.errors.filter { $0.kind == nil }.map { ErrorKind.object(400, $0.type) }
    }
}

extension Member {
    fileprivate func contentDescriptor(in service: Service) -> JSONValue {
        var members: [(String, JSONValue)] = [("name", .string(name)), ("description", .string(doc))]
        if required { members.append(("required", .bool(true))) }
        members.append(("schema", .object(type.schema(in: service) + constraints.schema(of: type))))
        if isToken { members.append(("x-token", .bool(true))) }
        if sensitive { members.append(("x-sensitive", .bool(true))) }
        return .object(members)
    }
}

// MARK: - Errors

extension Service {
    fileprivate var errorObjects: [(String, JSONValue)] {
        ErrorKind.allCases.compactMap { kind in errors[kind].map { ("\(name).\(kind.rawValue)", kind.object($0)) } }
    }
}

extension ErrorKind {
    /// Code of the error. Requests that violate the schema get -32602 instead of 400.
    private var code: Int {
        switch self {
        case .invalid, .invalidToken: 400
        case .accessDenied: 403
        case .notFound: 404
        case .conflict, .alreadyExists, .quota: 409
        case .throttled: 429
        case .internalError: 500
        case .unavailable: 503
        }
    }

    fileprivate func object(_ type: String) -> JSONValue { Self.object(code, type) }

    fileprivate static func object(_ code: Int, _ type: String) -> JSONValue {
        .object([
            ("code", .integer(code)), ("message", .string(type)), ("data", .object([("type", .string(type))])),
        ])
    }
}
