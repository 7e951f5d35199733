extension Service {
    func structure(_ name: String) -> Structure? { structures.first { $0.name == name } }

    /// Requests of all operations.
    var requests: [Structure] { operations.map { $0.requestStructure(in: self) } }

    /// Requests, and structures inside them, that have constraints.
    var constrainedStructures: [Structure] {
        requests + structuresOfRequests.filter { isConstrained($0) }
    }

    /// Strings with constraints that requests contain, in the order of the contract.
    var scalarsOfRequests: [Scalar] {
        var used: Set<String> = []
        for structure in requests + structuresOfRequests {
            for member in structure.members {
                for case .scalar(let scalar) in member.type.parts { used.insert(scalar.name) }
            }
        }
        return scalars.filter { used.contains($0.name) && $0.type == .string && !$0.constraints.isEmpty }
    }

    /// Structures that requests contain, at any depth, in the order of the contract.
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

    /// Whether the structure, or one inside it, has constraints.
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

    /// Writes the conformance that validates a message.
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

    /// Returns the arguments of each check of a member.
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

    /// Returns the argument for the rule of a named value; nil if it has none.
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

    /// Returns the file with the rules of the service's named values; nil if there are none.
    func rulesFile(_ patterns: Patterns) -> String? {
        let scalars = scalarsOfRequests
        if scalars.isEmpty { return nil }
        var writer = SourceWriter()
        writer.block("extension \(swiftName)") { writer in
            writer.doc("Constraints of named values in requests.")
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
    /// The type itself and the types inside it.
    var parts: [TypeReference] {
        switch self {
        case .builtin, .scalar, .structure, .enumeration: [self]
        case .list(let element): [self] + element.parts
        case .map(let keys, let values): [self] + keys.parts + values.parts
        }
    }
}

extension Constraints {
    /// Returns the argument for the rule; nil if there are no constraints.
    func rule(of type: TypeReference, _ patterns: Patterns) -> String? {
        if type.builtin == .string {
            let arguments = stringRule(patterns)
            return arguments.isEmpty ? nil : "StringRule(\(arguments.joined(separator: ", ")))"
        }
        return range.map { "in: \($0.range(of: type.builtin ?? .integer))" }
    }
}

extension Constraints {
    /// Returns the arguments of a string's rule.
    func stringRule(_ patterns: Patterns) -> [String] {
        var arguments: [String] = []
        if let length { arguments.append("length: \(length.swift)") }
        if let pattern { arguments.append("pattern: \(patterns.constant(pattern))") }
        if let excludes { arguments.append("excludes: \(literal(excludes))") }
        return arguments
    }
}

extension Constraints.Bounds {
    /// Closed range of a length; an open upper end is `Int.max`.
    var swift: String { "\((lower ?? 0).grouped)...\(upper?.grouped ?? "Int.max")" }

    /// Returns a closed range of numbers.
    func range(of type: BuiltinType) -> String {
        let least = type == .double ? "-Double.greatestFiniteMagnitude" : "Int.min"
        let most = type == .double ? "Double.greatestFiniteMagnitude" : "Int.max"
        return "\(lower?.grouped ?? least)...\(upper?.grouped ?? most)"
    }
}

extension Int {
    /// Decimal digits, grouped with underscores if there are at least five: 5_000_000.
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
