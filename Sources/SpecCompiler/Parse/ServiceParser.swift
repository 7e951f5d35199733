internal import Yams

/// Parses one file of the contract.
struct ServiceParser {
    let file: String
    let diagnostics: Diagnostics
    /// Shapes of the file by name.
    private var kinds: [String: TypeReference] = [:]

    private init(file: String, diagnostics: Diagnostics) {
        self.file = file
        self.diagnostics = diagnostics
    }

    /// Parses a file; errors are added to `diagnostics`.
    ///
    /// - Returns: The service, incomplete if there are errors; nil if not even its name can be read.
    static func parse(_ source: SourceFile, diagnostics: Diagnostics) -> Service? {
        var parser = ServiceParser(file: source.path, diagnostics: diagnostics)
        return parser.parse(source.contents)
    }

    private mutating func parse(_ yaml: String) -> Service? {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            diagnostics.note(error.summary, at: Diagnostic.Location(file: file, line: error.line(in: yaml) ?? 1))
            return nil
        } catch {
            diagnostics.note("cannot be read as YAML", at: Diagnostic.Location(file: file, line: 1))
            return nil
        }
        guard let root, let fields = Fields(root, "file", file: file, diagnostics: diagnostics) else { return nil }
        fields.allow("service", "swift", "summary", "calls", "families", "errors", "aws", "operations", "shapes")
        guard let name = fields.required("service").flatMap(fields.text) else { return nil }

        var service = Service(
            name: name, swiftName: fields.optionalText("swift") ?? name, summary: fields.requiredText("summary"),
            calls: fields.word("calls", Service.Calls.self) ?? .ownType, families: families(fields),
            errors: errors(fields), aws: nil, operations: [], structures: [], enumerations: [], scalars: [],
            location: fields.location)
        readShapes(fields, into: &service)
        service.operations = operations(fields, service)
        service.aws = aws(fields, service)
        return service
    }

    private func families(_ fields: Fields) -> [Family] {
        guard let entry = fields.entry("families"), let families = fields.mapping(entry, "families") else { return [] }
        return families.entries.map { Family(name: $0.key, clause: families.text($0) ?? "") }
    }

    private func errors(_ fields: Fields) -> [ErrorKind: String] {
        guard let entry = fields.required("errors"), let errors = fields.mapping(entry, "errors") else { return [:] }
        var types: [ErrorKind: String] = [:]
        for entry in errors.entries {
            guard let kind = ErrorKind(rawValue: entry.key) else {
                let kinds = ErrorKind.allCases.map(\.rawValue).joined(separator: ", ")
                errors.note("errors: unknown kind \"\(entry.key)\"; known are \(kinds)", entry)
                continue
            }
            types[kind] = errors.text(entry)
        }
        return types
    }
}

// MARK: - Shapes

extension ServiceParser {
    private mutating func readShapes(_ fields: Fields, into service: inout Service) {
        guard let entry = fields.entry("shapes"), let shapes = fields.mapping(entry, "shapes") else { return }
        var structures: [(String, Fields)] = []
        for entry in shapes.entries {
            let name = entry.key
            guard let shape = shapes.mapping(entry, "shape \(name)") else { continue }
            if BuiltinType(rawValue: name) != nil {
                shape.note("shape \(name): the name of a builtin type", entry)
            } else if shape.entry("members") != nil {
                kinds[name] = .structure(name)
                structures.append((name, shape))
            } else if shape.entry("values") != nil {
                kinds[name] = .enumeration(name)
                service.enumerations.append(enumeration(name, shape))
            } else if let scalar = scalar(name, shape) {
                kinds[name] = .scalar(scalar)
                service.scalars.append(scalar)
            }
        }
        for (name, shape) in structures { service.structures.append(structure(name, shape)) }
    }

    private func enumeration(_ name: String, _ fields: Fields) -> Enumeration {
        fields.allow("doc", "values")
        var enumeration = Enumeration(
            name: name, doc: fields.requiredText("doc"), values: [], location: fields.location)
        guard let entry = fields.entry("values"), let values = fields.mapping(entry, fields.subject) else {
            return enumeration
        }
        enumeration.values = values.entries.map { Enumeration.Value(name: $0.key, doc: values.text($0) ?? "") }
        return enumeration
    }

    private func scalar(_ name: String, _ fields: Fields) -> Scalar? {
        fields.allow("type", "doc", "length", "range", "pattern", "excludes", "sensitive")
        guard let entry = fields.entry("type") else {
            fields.note("\(fields.subject): needs \"members\", \"values\" or \"type\"")
            return nil
        }
        guard let text = fields.text(entry) else { return nil }
        guard let type = BuiltinType(rawValue: text) else {
            let known = BuiltinType.allCases.map(\.rawValue).joined(separator: ", ")
            fields.note("\(fields.subject): unknown type \"\(text)\"; a named value is one of \(known)", entry)
            return nil
        }
        return Scalar(
            name: name, doc: fields.requiredText("doc"), type: type,
            constraints: constraints(fields, of: .builtin(type)), sensitive: fields.flag("sensitive"),
            location: fields.location)
    }

    private func structure(_ name: String, _ fields: Fields) -> Structure {
        fields.allow("doc", "members", "exclusive")
        let members = fields.entry("members").map { self.members(fields, $0) } ?? []
        checkInvalidTypes(members, fields.subject, among: nil)
        var exclusive: [String] = []
        if let entry = fields.entry("exclusive") {
            exclusive = (entry.node.sequence ?? []).compactMap(\.scalar?.string)
            for name in exclusive where !members.contains(where: { $0.name == name && !$0.required }) {
                fields.note("\(fields.subject): \"exclusive\" names \"\(name)\", which is no optional member", entry)
            }
        }
        return Structure(
            name: name, doc: fields.requiredText("doc"), members: members, exclusive: exclusive,
            location: fields.location)
    }
}

// MARK: - Members

extension ServiceParser {
    /// Parses members; required ones come first.
    func members(_ owner: Fields, _ entry: Fields.Entry) -> [Member] {
        guard let fields = owner.mapping(entry, owner.subject) else { return [] }
        let members = fields.entries.compactMap { member(fields, $0) }
        var names: Set<String> = []
        for member in members {
            if !names.insert(member.swiftName).inserted {
                diagnostics.note("\(owner.subject): two members are \(member.swiftName) in Swift", at: member.location)
            }
            if ["reader", "writer", "options"].contains(member.swiftName) {
                diagnostics.note(
                    "\(owner.subject): generated code has a \(member.swiftName) of its own; say \"swift\"",
                    at: member.location)
            }
        }
        return members.filter(\.required) + members.filter { !$0.required }
    }

    private func member(_ owner: Fields, _ entry: Fields.Entry) -> Member? {
        let subject = "\(owner.subject), member \(entry.key)"
        guard let fields = owner.mapping(entry, subject) else { return nil }
        fields.allow(
            "type", "list", "map", "keys", "required", "token", "invalid", "swift", "doc", "length", "range", "pattern",
            "excludes", "sensitive")
        guard let type = type(fields) else { return nil }
        let required = fields.flag("required")
        let isToken = fields.flag("token")
        if isToken, required || type.builtin != .string {
            fields.note("\(subject): a token is an optional string")
        }
        let isSensitiveByType = type.parts.contains { part in
            if case .scalar(let scalar) = part { scalar.sensitive } else { false }
        }
        let isMarked = fields.flag("sensitive")
        if isMarked, isSensitiveByType { fields.note("\(subject): its type is already sensitive") }
        return Member(
            name: entry.key, swiftName: fields.optionalText("swift") ?? SwiftName.member(entry.key),
            doc: fields.requiredText("doc"), type: type, required: required, isToken: isToken,
            invalidType: fields.optionalText("invalid"), constraints: constraints(fields, of: type),
            sensitive: isMarked || isSensitiveByType, location: entry.location)
    }

    private func type(_ fields: Fields) -> TypeReference? {
        let given = ["type", "list", "map"].filter { fields.entry($0) != nil }
        guard given.count == 1, let entry = fields.entry(given[0]) else {
            fields.note("\(fields.subject): needs exactly one of \"type\", \"list\" and \"map\"")
            return nil
        }
        if given[0] != "map", let keys = fields.entry("keys") {
            fields.note("\(fields.subject): \"keys\" belongs to a map", keys)
        }
        guard let type = resolve(fields, entry) else { return nil }
        switch given[0] {
        case "list":
            if !type.canBeElement { fields.note("\(fields.subject): a list of this type is not supported", entry) }
            return .list(type)
        case "map":
            if !type.canBeValue { fields.note("\(fields.subject): a map to this type is not supported", entry) }
            guard let entry = fields.entry("keys") else { return .map(keys: .builtin(.string), values: type) }
            guard let keys = resolve(fields, entry) else { return nil }
            if !keys.canBeKey { fields.note("\(fields.subject): the keys of a map are strings", entry) }
            return .map(keys: keys, values: type)
        default: return type
        }
    }

    private func resolve(_ fields: Fields, _ entry: Fields.Entry) -> TypeReference? {
        guard let name = fields.text(entry) else { return nil }
        if let builtin = BuiltinType(rawValue: name) { return .builtin(builtin) }
        if let kind = kinds[name] { return kind }
        fields.note("\(fields.subject): unknown type \"\(name)\"", entry)
        return nil
    }
}

// Types that the generated checks support.
extension TypeReference {
    fileprivate var canBeElement: Bool {
        switch self {
        case .builtin, .structure, .enumeration: true
        case .scalar(let scalar): scalar.type == .string || scalar.constraints.isEmpty
        case .list, .map: false
        }
    }

    fileprivate var canBeValue: Bool {
        switch self {
        case .builtin, .scalar: true
        case .structure, .enumeration, .list, .map: false
        }
    }

    fileprivate var canBeKey: Bool {
        switch self {
        case .builtin, .scalar: builtin == .string
        case .enumeration: true
        case .structure, .list, .map: false
        }
    }
}
