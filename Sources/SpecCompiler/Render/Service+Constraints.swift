extension Service {
    /// The structure of a name; nil for one that the contract does not have.
    func structure(_ name: String) -> Structure? { structures.first { $0.name == name } }

    /// The messages that clients send.
    var requests: [Structure] { operations.map { $0.requestStructure(in: self) } }

    /// The requests and all structures inside of them that have rules to be checked, each once.
    var constrainedStructures: [Structure] {
        requests + structuresOfRequests.filter { isConstrained($0) }
    }

    /// The strings with rules of their own that requests hold, in the order of the contract.
    var scalarsOfRequests: [Scalar] {
        var used: Set<String> = []
        for structure in requests + structuresOfRequests {
            for member in structure.members {
                for case .scalar(let scalar) in member.type.parts { used.insert(scalar.name) }
            }
        }
        return scalars.filter { used.contains($0.name) && $0.type == .string && !$0.constraints.isEmpty }
    }

    /// The structures that requests hold, at any depth, in the order of the contract.
    private var structuresOfRequests: [Structure] {
        var found: Set<String> = []
        var open = requests
        while let structure = open.popLast() {
            for part in structure.members.flatMap(\.type.parts) {
                if case .structure(let name) = part, found.insert(name).inserted, let inner = self.structure(name) {
                    open.append(inner)
                }
            }
        }
        return structures.filter { found.contains($0.name) }
    }

    /// True if the structure, or one inside of it, has rules to be checked.
    func isConstrained(_ structure: Structure, visited: Set<String> = []) -> Bool {
        guard !visited.contains(structure.name) else { return false }
        if !structure.exclusive.isEmpty { return true }
        return structure.members.contains { member in
            !member.constraints.isEmpty
                || member.type.parts.contains { part in
                    switch part {
                    case .scalar(let scalar): !scalar.constraints.isEmpty
                    case .enumeration: true
                    case .structure(let name):
                        self.structure(name).map { inner in
                            isConstrained(inner, visited: visited.union([structure.name]))
                        } ?? false
                    case .builtin, .list, .map: false
                    }
                }
        }
    }

    /// Writes the conformance that checks a message before it is acted upon.
    func renderConstraints(of structure: Structure, _ patterns: Patterns, _ writer: inout SourceWriter) {
        let checks = structure.members.flatMap { self.checks(of: $0, in: structure, patterns) }
        writer.block("extension \(swiftName).\(structure.name): Constrained") { writer in
            if checks.isEmpty && structure.exclusive.isEmpty {
                writer.line("package func checkConstraints() throws(ConstraintViolation) {}")
                return
            }
            writer.block("package func checkConstraints() throws(ConstraintViolation)") { writer in
                for check in checks { writer.line("try check(\(check))") }
                let pairs = structure.exclusive.map { name in
                    let member = structure.members.first { $0.name == name }
                    return "(\(literal(name)), \(member?.swiftName ?? "") != nil)"
                }
                if !pairs.isEmpty { writer.list("try checkExclusive([", pairs, "])", trailingComma: true) }
            }
        }
    }

    /// The arguments of each check of a member.
    private func checks(of member: Member, in structure: Structure, _ patterns: Patterns) -> [String] {
        let head = "\(literal(member.name)), "
        let value = SwiftName.escaped(member.swiftName)
        var checks: [String] = []
        switch member.type {
        case .list(let element):
            if let length = member.constraints.length { checks.append("\(head)\(value), count: \(length.swift)") }
            if let rule = rule(element) {
                checks.append("\(head)each: \(value), \(rule)")
            } else if needsCheck(element) {
                checks.append("\(head)each: \(value)")
            }
        case .map(let keys, let values):
            if let length = member.constraints.length { checks.append("\(head)\(value), count: \(length.swift)") }
            if let rule = rule(keys) { checks.append("\(head)keysOf: \(value), \(rule)") }
            if case .enumeration(let name) = keys {
                checks.append("\(head)keysOf: \(value), known: \(swiftName).\(name).self")
            }
            if let rule = rule(values) { checks.append("\(head)valuesOf: \(value), \(rule)") }
        case .structure, .enumeration:
            if needsCheck(member.type) { checks.append(head + value) }
        case .scalar, .builtin:
            if let rule = rule(member.type) ?? member.constraints.rule(of: member.type, patterns) {
                checks.append("\(head)\(value), \(rule)")
            }
        }
        return checks
    }

    /// The argument that stands for the rule of a named value; nil if it has none.
    private func rule(_ type: TypeReference) -> String? {
        guard case .scalar(let scalar) = type, !scalar.constraints.isEmpty else { return nil }
        if scalar.type != .string { return scalar.constraints.range.map { "in: \($0.range(of: scalar.type))" } }
        return "\(swiftName).Rules.\(SwiftName.member(scalar.name))"
    }

    private func needsCheck(_ type: TypeReference) -> Bool {
        switch type {
        case .enumeration: true
        case .structure(let name): structure(name).map { isConstrained($0) } ?? false
        case .builtin, .scalar, .list, .map: false
        }
    }

    /// The file that holds the rules of the service's named values; nil if it has none.
    func rulesFile(_ patterns: Patterns) -> String? {
        let scalars = scalarsOfRequests
        if scalars.isEmpty { return nil }
        var writer = SourceWriter()
        writer.block("extension \(swiftName)") { writer in
            writer.doc("What values have to be like, wherever they stand in a request.")
            writer.block("enum Rules") { writer in
                for scalar in scalars {
                    writer.doc(scalar.doc)
                    let name = SwiftName.member(scalar.name)
                    writer.list("static let \(name) = StringRule(", scalar.constraints.stringRule(patterns), ")")
                }
            }
        }
        return writer.text
    }
}

extension Operation {
    func requestStructure(in service: Service) -> Structure {
        Structure(
            name: SwiftName.type(baseName) + "Request", doc: "Parameters of \(methodNames(in: service)).",
            members: request, exclusive: [], location: location)
    }
}

extension TypeReference {
    /// The type itself and what is inside of it.
    var parts: [TypeReference] {
        switch self {
        case .builtin, .scalar, .structure, .enumeration: [self]
        case .list(let element): [self] + element.parts
        case .map(let keys, let values): [self] + keys.parts + values.parts
        }
    }
}

extension Constraints {
    /// The argument that stands for the rule; nil where nothing is to be checked.
    func rule(of type: TypeReference, _ patterns: Patterns) -> String? {
        if type.builtin == .string {
            let arguments = stringRule(patterns)
            return arguments.isEmpty ? nil : "StringRule(\(arguments.joined(separator: ", ")))"
        }
        return range.map { "in: \($0.range(of: type.builtin ?? .integer))" }
    }
}

extension Constraints {
    /// The arguments of the rule of a string.
    func stringRule(_ patterns: Patterns) -> [String] {
        var arguments: [String] = []
        if let length { arguments.append("length: \(length.swift)") }
        if let pattern { arguments.append("pattern: \(patterns.constant(pattern))") }
        if let excludes { arguments.append("excludes: \(literal(excludes))") }
        return arguments
    }
}

extension Constraints.Bounds {
    /// A length as a closed range; an open end is the largest integer.
    var swift: String { "\((lower ?? 0).grouped)...\(upper?.grouped ?? "Int.max")" }

    /// A range of numbers.
    func range(of type: BuiltinType) -> String {
        let least = type == .double ? "-Double.greatestFiniteMagnitude" : "Int.min"
        let most = type == .double ? "Double.greatestFiniteMagnitude" : "Int.max"
        return "\(lower?.grouped ?? least)...\(upper?.grouped ?? most)"
    }
}

extension Int {
    /// With underscores from five digits on: 5_000_000.
    var grouped: String {
        let digits = String(magnitude)
        if digits.count < 5 { return String(self) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "_" }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }
}
