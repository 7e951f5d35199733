extension Contract {
    /// What leads from a method to the service that answers it.
    func serverFiles() -> [GeneratedFile] {
        [
            file("Services", servicesStructure()), file("Services+Answer", dispatcher()),
            GeneratedFile(
                path: "\(GeneratedFile.openRPCFolder)/openrpc.json",
                contents: OpenRPCDocument(self).value.indentedText + "\n"),
        ]
    }

    private func file(_ name: String, _ contents: String) -> GeneratedFile {
        GeneratedFile(path: "\(GeneratedFile.serverFolder)/\(name).swift", contents: contents)
    }

    private func servicesStructure() -> String {
        var writer = SourceWriter(imports: ["package import JoblineBackend"])
        writer.doc("What answers the methods: one backend a service.")
        writer.block("package struct Services: Sendable") { writer in
            for service in services {
                writer.doc(service.summary)
                writer.line("package var \(service.variableName): any \(service.swiftName)Service")
            }
            writer.blank()
            writer.doc("One backend a service.")
            let parameters = services.map { "\($0.variableName): any \($0.swiftName)Service" }
            writer.list("package init(", parameters, ") {")
            writer.indented { writer in
                for service in services { writer.line("self.\(service.variableName) = \(service.variableName)") }
            }
            writer.line("}")
        }
        return writer.text
    }

    private func dispatcher() -> String {
        var writer = SourceWriter(imports: [
            "package import JoblineBackend", "package import JoblineProtocol", "package import NIOCore",
        ])
        writer.block("extension Services") { writer in
            writer.doc("Reads the parameters of a request, checks them, and lets the method's service answer.")
            writer.parameters([
                ("method", "What is asked for."),
                ("params", "A JSON object; nil counts as an empty one."),
                ("context", "What else the service may know of the request."),
            ])
            writer.doc("- Returns: The result, not yet written as JSON.")
            writer.doc("- Throws: A `WireError` where the parameters do not fit, or what the service throws.")
            writer.list(
                "package func answer(", ["_ method: Method", "params: ByteBuffer?", "context: RequestContext"],
                ") async throws -> any JSONEncodable {")
            writer.indented { writer in
                writer.line("switch method {")
                for method in services.flatMap(\.methods) { method.renderDispatch(&writer) }
                writer.line("}")
            }
            writer.line("}")
        }
        return writer.text
    }
}

extension Service {
    /// The property that holds the service.
    var variableName: String { SwiftName.member(name) }
}

extension Method {
    fileprivate func renderDispatch(_ writer: inout SourceWriter) {
        writer.line("case .\(swiftName):")
        writer.indented { writer in
            if operation.answeredBy == .connection {
                writer.line("// The connection has answered it; here is nothing left to do.")
                writer.line("\(service.swiftName).\(operation.responseName)()")
                return
            }
            let family = self.family.map { ".\(SwiftName.member($0.name))" }
            let arguments = [family, "method.decode(params)", "context: context"].compactMap(\.self)
            writer.list("try await \(service.variableName).\(operation.functionName)(", arguments, ")")
        }
    }
}
