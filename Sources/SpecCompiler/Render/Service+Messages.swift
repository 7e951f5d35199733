extension Service {
    /// Returns the files with the service's messages and rules.
    func protocolFiles(_ patterns: Patterns) -> [GeneratedFile] {
        var files = [file(swiftName, namespace())]
        if let rules = rulesFile(patterns) { files.append(file("\(swiftName)+Rules", rules)) }
        for operation in operations {
            files.append(file("\(swiftName)+\(SwiftName.type(operation.baseName))", messages(of: operation, patterns)))
        }
        let constrained = Set(constrainedStructures.map(\.name))
        for structure in structures {
            var writer = SourceWriter()
            let isNotification = operations.contains { $0.notifies == structure.name }
            render(structure, access: isNotification ? "package" : "public", &writer)
            if constrained.contains(structure.name) {
                writer.blank()
                renderConstraints(of: structure, patterns, &writer)
            }
            files.append(file("\(swiftName)+\(structure.name)", writer.text))
        }
        for enumeration in enumerations {
            files.append(file("\(swiftName)+\(enumeration.name)", render(enumeration)))
        }
        return files
    }

    private func file(_ name: String, _ contents: String) -> GeneratedFile {
        GeneratedFile(path: "\(GeneratedFile.protocolFolder)/\(swiftName)/\(name).swift", contents: contents)
    }

    private func namespace() -> String {
        var writer = SourceWriter()
        writer.doc(summary)
        guard !families.isEmpty else {
            writer.line("public enum \(swiftName) {}")
            return writer.text
        }
        writer.block("public enum \(swiftName)") { writer in
            writer.doc("Kind of job. All kinds have the same messages.")
            writer.block("public enum Family: String, CaseIterable, Sendable") { writer in
                for family in families {
                    writer.doc("Job that \(family.clause).")
                    writer.line("case \(SwiftName.member(family.name)) = \(literal(family.name))")
                }
            }
        }
        return writer.text
    }

    private func messages(of operation: Operation, _ patterns: Patterns) -> String {
        // With the SDK, a program cancels a task or iterates over a sequence instead.
        let access = operation.isCall ? "public" : "package"
        var writer = SourceWriter()
        let request = operation.requestStructure(in: self)
        render(request, access: access, &writer)
        writer.blank()
        renderConstraints(of: request, patterns, &writer)
        if let response = operation.responseStructure(in: self) {
            writer.blank()
            render(response, access: access, &writer)
        }
        return writer.text
    }
}

extension Operation {
    var requestName: String { SwiftName.type(baseName) + "Request" }
    var responseName: String { SwiftName.type(baseName) + "Response" }
    var functionName: String { SwiftName.escaped(SwiftName.member(baseName)) }

    /// Result as a structure; nil if it is any JSON value.
    func responseStructure(in service: Service) -> Structure? {
        guard case .members(let members) = response else { return nil }
        return Structure(
            name: responseName, doc: "Result of \(methodNames(in: service)).", members: members, exclusive: [],
            location: location)
    }

    func responseType(in service: Service) -> String {
        switch response {
        case .members: "\(service.swiftName).\(responseName)"
        case .document: "JSONDocument"
        }
    }

    /// Result type of a backend's function.
    ///
    /// Lists, and reads of one job that all families share, are what programs poll: a backend answers them with JSON that it
    /// has stored or copied, without a value for each element. Other results are small and rare, and are values, so that the
    /// compiler checks their members.
    func answerType(in service: Service) -> String {
        let isEncoded = limitClass == .read && (pages != nil || isForFamilies)
        return isEncoded ? "Encoded<\(responseType(in: service))>" : responseType(in: service)
    }

    /// Summary of a function that serves every family.
    func serviceSummary(in service: Service) -> String {
        summary.replacing(Self.clausePlaceholder, with: "does the work of its family")
    }
}

// MARK: - Structures

extension Service {
    /// Writes a structure and its JSON coding.
    func render(_ structure: Structure, access: String, _ writer: inout SourceWriter) {
        writer.block("extension \(swiftName)") { writer in
            writer.doc(structure.doc)
            writer.block("\(access) struct \(structure.name): Sendable, Hashable") { writer in
                for member in structure.members {
                    writer.doc(member.fullDoc)
                    writer.line(
                        "\(access) var \(SwiftName.escaped(member.swiftName)): \(member.optionalSwiftType())")
                }
                if !structure.members.isEmpty { writer.blank() }
                renderInitializer(structure, access, &writer)
            }
        }
        writer.blank()
        writer.block("extension \(swiftName).\(structure.name): JSONCodable") { writer in
            renderReading(structure, &writer)
            writer.blank()
            renderWriting(structure, &writer)
        }
    }

    private func renderInitializer(_ structure: Structure, _ access: String, _ writer: inout SourceWriter) {
        if structure.members.isEmpty {
            writer.doc("Creates the empty message.")
            writer.line("\(access) init() {}")
            return
        }
        writer.doc("Creates a value with the given members.")
        writer.parameters(structure.members.map { ($0.swiftName, $0.fullDoc) })
        let parameters = structure.members.map { member in
            "\(member.swiftName): \(member.optionalSwiftType())" + (member.required ? "" : " = nil")
        }
        writer.list("\(access) init(", parameters, ") {")
        writer.indented { writer in
            for member in structure.members {
                writer.line("self.\(member.swiftName) = \(SwiftName.escaped(member.swiftName))")
            }
        }
        writer.line("}")
    }

    private func renderReading(_ structure: Structure, _ writer: inout SourceWriter) {
        writer.block("package init(from reader: inout JSONReader) throws(JSONError)") { writer in
            if structure.members.isEmpty {
                writer.line("try reader.object { (reader, _) throws(JSONError) in _ = try reader.skip() }")
                writer.line("self.init()")
                return
            }
            // Optional members are read in place; required ones have no value until all members are read.
            let isOptional = !structure.members.contains(where: \.required)
            if isOptional {
                writer.line("var value = Self()")
            } else {
                for member in structure.members {
                    let type = member.type.swiftName(in: swiftName)
                    writer.line("var \(SwiftName.escaped(member.swiftName)): \(type)?")
                }
            }
            let key = structure.nameOfKey
            writer.closure("try reader.object", "(reader, \(key)) throws(JSONError)") { writer in
                writer.line("switch \(key) {")
                for member in structure.members {
                    let name = SwiftName.escaped(member.swiftName)
                    let place = isOptional ? "value.\(name)" : name
                    writer.line("case \(literal(member.name)): \(place) = try reader.value()")
                }
                writer.line("default: try reader.skip()")
                writer.line("}")
            }
            if isOptional {
                // Moved instead of copied.
                writer.line("self = consume value")
                return
            }
            let arguments = structure.members.map { member in
                let name = SwiftName.escaped(member.swiftName)
                return member.required
                    ? "\(member.swiftName): try reader.required(\(name), \(literal(member.name)))"
                    : "\(member.swiftName): \(name)"
            }
            writer.list("self.init(", arguments, ")")
        }
    }

    private func renderWriting(_ structure: Structure, _ writer: inout SourceWriter) {
        writer.block("package func write(to writer: inout JSONWriter)") { writer in
            if structure.members.isEmpty {
                writer.line("writer.object { _ in }")
                return
            }
            writer.closure("writer.object", "writer") { writer in
                for member in structure.members {
                    writer.line("writer.member(\(literal(member.name)), \(SwiftName.escaped(member.swiftName)))")
                }
            }
        }
    }
}

extension Structure {
    /// Name of the variable for the current key, different from all members.
    fileprivate var nameOfKey: String {
        let taken = Set(members.map(\.swiftName))
        return ["key", "name", "wireName"].first { !taken.contains($0) } ?? "nameOfKey"
    }
}

extension Member {
    /// Returns the type in Swift, with a question mark if optional.
    ///
    /// - Parameter namespace: Prefix of the service's own types; nil inside the namespace.
    func optionalSwiftType(in namespace: String? = nil) -> String {
        type.swiftName(in: namespace) + (required ? "" : "?")
    }

    /// Description with bounds.
    var fullDoc: String {
        var text = doc
        if let rule = constraints.described(for: type) ?? type.described { text += " \(rule)." }
        if sensitive { text += " Sensitive: must not be logged." }
        return text
    }
}

extension TypeReference {
    /// Bounds of a named value as text.
    fileprivate var described: String? {
        guard case .scalar(let scalar) = self else { return nil }
        return scalar.constraints.described(for: self)
    }
}

extension Constraints {
    /// Returns the bounds as text.
    fileprivate func described(for type: TypeReference) -> String? {
        if let range { return range.described }
        guard let length else { return nil }
        return length.described + (type.isCollection ? " elements" : " characters")
    }
}

extension Constraints.Bounds {
    fileprivate var described: String {
        switch (lower, upper) {
        case (let lower?, let upper?) where lower == upper: "Exactly \(lower)"
        case (let lower?, let upper?): "\(lower) to \(upper)"
        case (let lower?, nil): "At least \(lower)"
        case (nil, let upper?): "At most \(upper)"
        case (nil, nil): "Any number"
        }
    }
}

// MARK: - Enumerations

extension Service {
    private func render(_ enumeration: Enumeration) -> String {
        var writer = SourceWriter()
        writer.block("extension \(swiftName)") { writer in
            writer.doc(enumeration.doc, "Unknown values are kept as received.")
            let conformances = "RawRepresentable, CustomStringConvertible, Sendable, Hashable"
            writer.block("public struct \(enumeration.name): \(conformances)") { writer in
                writer.doc("Value on the wire.")
                writer.line("public let rawValue: String")
                writer.blank()
                writer.doc("Creates a value, which can be unknown.")
                writer.parameters([("rawValue", "Value on the wire.")])
                writer.line("public init(rawValue: String) { self.rawValue = rawValue }")
                writer.blank()
                for value in enumeration.values {
                    writer.doc(value.doc)
                    writer.line(
                        "public static let \(SwiftName.escaped(SwiftName.value(value.name))) = "
                            + "\(enumeration.name)(rawValue: \(literal(value.name)))")
                }
                writer.blank()
                writer.doc("Values known to this version, in the order of the contract.")
                let names = enumeration.values.map { "." + SwiftName.value($0.name) }
                writer.list("public static let known: [\(enumeration.name)] = [", names, "]", trailingComma: true)
                writer.blank()
                writer.doc("Whether this version knows the value.")
                writer.line("public var isKnown: Bool { Self.known.contains(self) }")
                writer.blank()
                writer.doc("Value on the wire.")
                writer.line("public var description: String { rawValue }")
            }
        }
        writer.blank()
        writer.line("extension \(swiftName).\(enumeration.name): OpenEnumeration {}")
        return writer.text
    }
}
