extension Contract {
    /// Messages, methods and errors, which client and server share.
    func protocolFiles() -> [GeneratedFile] {
        let patterns = Patterns(self)
        var files = [
            file("Method", methods()), file("Method+Descriptor", methodDescriptors()),
            file("ErrorTypes+Services", errorTypes()), file("Patterns", patterns.render()),
        ]
        for service in services { files += service.protocolFiles(patterns) }
        return files
    }

    private func file(_ name: String, _ contents: String) -> GeneratedFile {
        GeneratedFile(path: "\(GeneratedFile.protocolFolder)/\(name).swift", contents: contents)
    }

    private func methods() -> String {
        var writer = SourceWriter()
        writer.doc("Method of the contract; the raw value is its name on the wire.")
        writer.block("package enum Method: String, CaseIterable, Sendable") { writer in
            for (index, service) in services.enumerated() {
                if index > 0 { writer.blank() }
                for method in service.methods {
                    writer.doc(method.summary)
                    writer.line("case \(method.swiftName) = \"\(method.wireName)\"")
                }
            }
        }
        return writer.text
    }

    private func methodDescriptors() -> String {
        var writer = SourceWriter()
        writer.block("extension Method") { writer in
            writer.doc("Properties of the method in the contract, created on each access.")
            writer.block("var contractDescriptor: MethodDescriptor") { writer in
                writer.line("switch self {")
                for method in services.flatMap(\.methods) { method.renderDescriptor(&writer) }
                writer.line("}")
            }
        }
        writer.blank()
        writer.block("extension MethodDescriptor.Pagination") { paginations(&$0) }
        return writer.text
    }

    /// Writes a constant for each distinct way to paginate.
    private func paginations(_ writer: inout SourceWriter) {
        var seen: Set<String> = []
        for service in services {
            for operation in service.operations {
                guard let pages = operation.pages else { continue }
                let name = operation.paginationName(in: service)
                guard seen.insert(name).inserted else { continue }
                writer.doc("Pagination of \(operation.methodNames(in: service)).")
                let names = [
                    "inputToken: \(literal(pages.token))", "outputToken: \(literal(pages.token))",
                    "limit: \(literal(pages.limit))", "items: \(literal(pages.items))",
                ]
                writer.list("static let \(name) = Self(", names, ")")
            }
        }
    }

    private func errorTypes() -> String {
        var writer = SourceWriter()
        writer.block("extension ErrorTypes") { writer in
            for (index, service) in services.enumerated() {
                if index > 0 { writer.blank() }
                service.renderErrorTypes(&writer)
            }
        }
        return writer.text
    }
}

extension Method {
    /// Case of the generated enumeration.
    var swiftName: String { SwiftName.member(service.name) + SwiftName.type(operationName) }

    fileprivate func renderDescriptor(_ writer: inout SourceWriter) {
        var arguments = [
            "name: rawValue", "summary: \(literal(summary))", "limitClass: .\(operation.limitClass.rawValue)",
            "retrySafety: .\(operation.retrySafety.rawValue)",
        ]
        if operation.pages != nil {
            arguments.append("pagination: .\(operation.paginationName(in: service))")
        }
        if let structure = operation.notifies {
            arguments.append("notification: \(literal("\(service.name).\(structure)"))")
        }
        arguments.append("errors: [\(operation.ownErrors.map { ".\($0.rawValue)" }.joined(separator: ", "))]")
        let otherErrorTypes = operation.errors.filter { $0.kind == nil }.map { literal($0.type) }
        if !otherErrorTypes.isEmpty {
            arguments.append("otherErrorTypes: [\(otherErrorTypes.joined(separator: ", "))]")
        }
        let invalidMemberTypes = operation.request.compactMap { member in
            member.invalidType.map { "\(literal(member.name)): \(literal($0))" }
        }
        if !invalidMemberTypes.isEmpty {
            arguments.append("invalidMemberTypes: [\(invalidMemberTypes.joined(separator: ", "))]")
        }
        arguments.append("errorTypes: .\(operation.errorTypesName(in: service))")
        writer.line("case .\(swiftName):")
        writer.indented { $0.list("MethodDescriptor(", arguments, ")") }
    }
}

extension Operation {
    /// Returns the name of the constant with the operation's pagination.
    func paginationName(in service: Service) -> String {
        SwiftName.member(service.name) + SwiftName.type(baseName)
    }

    /// Returns the name of the constant with the operation's error types.
    func errorTypesName(in service: Service) -> String {
        let name = SwiftName.member(service.name)
        return errorOverrides(in: service).isEmpty ? name : name + SwiftName.type(baseName)
    }
}

extension Service {
    fileprivate func renderErrorTypes(_ writer: inout SourceWriter) {
        writer.doc("Error types of \(name).")
        writer.list("package static let \(SwiftName.member(name)) = ErrorTypes(", arguments(errors), ")")
        for operation in operations {
            let overrides = operation.errorOverrides(in: self)
            if overrides.isEmpty { continue }
            writer.blank()
            writer.doc("Error types of \(operation.methodNames(in: self)).")
            writer.list(
                "package static let \(operation.errorTypesName(in: self)) = ErrorTypes(",
                arguments(errors.merging(overrides) { $1 }), ")")
        }
    }

    private func arguments(_ errors: [ErrorKind: String]) -> [String] {
        ErrorKind.allCases.compactMap { kind in errors[kind].map { "\(kind.rawValue): \(literal($0))" } }
    }
}

extension Operation {
    /// Returns the operation's names on the wire as a list: "`StartAJob`, `StartBJob`".
    func methodNames(in service: Service) -> String {
        guard isForFamilies else { return "`\(template)`" }
        let names = service.families.map { "`\(template.replacing(Self.placeholder, with: $0.name))`" }
        return names.joined(separator: ", ")
    }
}

/// Returns `text` as a Swift string literal.
func literal(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": escaped += "\\\""
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return "\"\(escaped)\""
}

/// Returns `text` as a Swift string literal without escapes.
func rawLiteral(_ text: String) -> String {
    text.contains("\\") || text.contains("\"") ? "#\"\(text)\"#" : "\"\(text)\""
}
