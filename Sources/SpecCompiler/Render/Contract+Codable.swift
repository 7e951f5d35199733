extension Contract {
    /// `Codable` conformances of the messages, for programs that store or forward them.
    ///
    /// They belong to the SDK, so that the daemon does not contain them.
    func codableFiles() -> [GeneratedFile] {
        services.map { service in
            GeneratedFile(
                path: "\(GeneratedFile.clientFolder)/Codable/\(service.swiftName)+Codable.swift",
                contents: service.codableExtensions())
        }
    }
}

extension Service {
    fileprivate func codableExtensions() -> String {
        var writer = SourceWriter(imports: ["public import JoblineProtocol"])
        for (index, structure) in publicStructures.enumerated() {
            if index > 0 { writer.blank() }
            writer.block("extension \(swiftName).\(structure.name): Codable") { writer in
                writer.doc("Decodes the members by their names on the wire.")
                writer.block("public init(from decoder: any Decoder) throws") { structure.renderDecoding(&$0) }
                writer.blank()
                writer.doc("Encodes the members by their names on the wire; omits absent ones.")
                writer.block("public func encode(to encoder: any Encoder) throws") { structure.renderEncoding(&$0) }
            }
        }
        if !families.isEmpty {
            writer.blank()
            writer.line("extension \(swiftName).Family: Codable {}")
        }
        for enumeration in enumerations {
            writer.blank()
            writer.line("extension \(swiftName).\(enumeration.name): Codable {}")
        }
        return writer.text
    }

    /// Structures that programs with the SDK can see.
    private var publicStructures: [Structure] {
        let messages = operations.filter(\.isCall).flatMap { operation in
            [operation.requestStructure(in: self), operation.responseStructure(in: self)].compactMap(\.self)
        }
        let notifications = Set(operations.compactMap(\.notifies))
        return messages + structures.filter { !notifications.contains($0.name) }
    }
}

extension Structure {
    fileprivate func renderDecoding(_ writer: inout SourceWriter) {
        if members.isEmpty {
            writer.line("_ = try decoder.members()")
            writer.line("self.init()")
            return
        }
        writer.line("let members = try decoder.members()")
        let arguments = members.map { member in
            let read = member.required ? "required" : "optional"
            return "\(member.swiftName): try members.\(read)(\(literal(member.name)))"
        }
        writer.list("self.init(", arguments, ")")
    }

    fileprivate func renderEncoding(_ writer: inout SourceWriter) {
        guard !members.isEmpty else { return writer.line("_ = encoder.members()") }
        writer.line("var members = encoder.members()")
        for member in members {
            writer.line("try members.write(\(literal(member.name)), self.\(SwiftName.escaped(member.swiftName)))")
        }
    }
}
