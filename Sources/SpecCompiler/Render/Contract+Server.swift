extension Contract {
    /// Dispatch from methods to services, and the OpenRPC document.
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
        writer.doc("Backends of all services.")
        writer.block("package struct Services: Sendable") { writer in
            for service in services {
                writer.doc(service.summary)
                writer.line("package var \(service.variableName): any \(service.swiftName)Service")
            }
            writer.blank()
            writer.doc("Creates a set of backends, one for each service.")
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
            writer.doc(
                "Decodes and validates the parameters of a request, and calls the backend of the method's service.")
            writer.parameters([
                ("method", "Method of the request."),
                ("params", "JSON object; nil is equivalent to an empty one."),
                ("context", "Context of the request."),
            ])
            writer.doc("- Returns: The result, not yet encoded as JSON.")
            writer.doc("- Throws: A `WireError` if the parameters are invalid, or the error of the backend.")
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
    /// Name of the property that holds the service.
    var variableName: String { SwiftName.member(name) }
}

extension Method {
    fileprivate func renderDispatch(_ writer: inout SourceWriter) {
        writer.line("case .\(swiftName):")
        writer.indented { writer in
            if operation.answeredBy == .connection {
                writer.line("// Already handled by the connection.")
                writer.line("\(service.swiftName).\(operation.responseName)()")
                return
            }
            let family = self.family.map { ".\(SwiftName.member($0.name))" }
            let arguments = [family, "method.decode(params)", "context: context"].compactMap(\.self)
            writer.list("try await \(service.variableName).\(operation.functionName)(", arguments, ")")
        }
    }
}
