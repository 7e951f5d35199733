extension Service {
    /// JSON Schemas of the service's results and shapes, by `Service.Name`.
    var schemas: [(String, JSONValue)] {
        let responses = operations.compactMap { operation -> Structure? in
            guard case .members(let members) = operation.response else { return nil }
            return Structure(
                name: operation.responseName, doc: "", members: members, exclusive: [], location: operation.location)
        }
        return (responses + structures).map { ("\(name).\($0.name)", schema(of: $0)) }
            + enumerations.map { ("\(name).\($0.name)", schema(of: $0)) }
            + scalars.map { ("\(name).\($0.name)", schema(of: $0)) }
    }

    private func schema(of structure: Structure) -> JSONValue {
        var members: [(String, JSONValue)] = [("type", .string("object"))]
        if !structure.doc.isEmpty { members.append(("description", .string(structure.doc))) }
        members.append(("properties", .object(structure.members.map { ($0.name, property($0)) })))
        let required = structure.members.filter(\.required).map { JSONValue.string($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        if !structure.exclusive.isEmpty {
            members.append(("x-exclusive", .array(structure.exclusive.map { .string($0) })))
        }
        return .object(members)
    }

    private func property(_ member: Member) -> JSONValue {
        let schema = member.type.schema(in: self) + member.constraints.schema(of: member.type)
        // JSON Schema draft 7 ignores siblings of a reference.
        var members = schema.first?.0 == "$ref" ? [("allOf", .array([.object(schema)]))] : schema
        members.append(("description", .string(member.doc)))
        if member.sensitive { members.append(("x-sensitive", .bool(true))) }
        return .object(members)
    }

    private func schema(of enumeration: Enumeration) -> JSONValue {
        .object([
            ("type", .string("string")), ("description", .string(enumeration.doc)),
            ("enum", .array(enumeration.values.map { .string($0.name) })), ("x-open", .bool(true)),
        ])
    }

    private func schema(of scalar: Scalar) -> JSONValue {
        let type = TypeReference.builtin(scalar.type)
        return .object(
            type.schema(in: self) + [("description", .string(scalar.doc))] + scalar.constraints.schema(of: type))
    }
}

extension JSONValue {
    static func reference(_ kind: String, _ name: String) -> JSONValue {
        .object([("$ref", .string("#/components/\(kind)/\(name)"))])
    }
}

extension TypeReference {
    func schema(in service: Service) -> [(String, JSONValue)] {
        switch self {
        case .builtin(let type): return type.schema
        case .scalar(let scalar): return Self.reference(scalar.name, service)
        case .structure(let name), .enumeration(let name): return Self.reference(name, service)
        case .list(let element):
            return [("type", .string("array")), ("items", .object(element.schema(in: service)))]
        case .map(let keys, let values):
            var members: [(String, JSONValue)] = [("type", .string("object"))]
            if keys != .builtin(.string) { members.append(("propertyNames", .object(keys.schema(in: service)))) }
            return members + [("additionalProperties", .object(values.schema(in: service)))]
        }
    }

    private static func reference(_ name: String, _ service: Service) -> [(String, JSONValue)] {
        [("$ref", .string("#/components/schemas/\(service.name).\(name)"))]
    }
}

extension BuiltinType {
    fileprivate var schema: [(String, JSONValue)] {
        switch self {
        case .string: [("type", .string("string"))]
        case .integer, .long: [("type", .string("integer"))]
        case .double: [("type", .string("number"))]
        case .boolean: [("type", .string("boolean"))]
        case .timestamp: [("type", .string("number")), ("x-unit", .string("seconds since 1970-01-01T00:00:00Z"))]
        case .document: []
        case .id: [("type", .array([.string("integer"), .string("string")]))]
        }
    }
}

extension Constraints {
    func schema(of type: TypeReference) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        let noun =
            switch type {
            case .list: "Items"
            case .map: "Properties"
            case .builtin, .scalar, .structure, .enumeration: "Length"
            }
        if let lower = length?.lower { members.append(("min\(noun)", .integer(lower))) }
        if let upper = length?.upper { members.append(("max\(noun)", .integer(upper))) }
        if let lower = range?.lower { members.append(("minimum", .integer(lower))) }
        if let upper = range?.upper { members.append(("maximum", .integer(upper))) }
        // Anchored, because JSON Schema searches for a match.
        if let pattern { members.append(("pattern", .string("^(?:\(pattern))$"))) }
        if let excludes { members.append(("x-excludes", .string(excludes))) }
        return members
    }
}
