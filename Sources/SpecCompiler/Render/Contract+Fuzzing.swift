extension Contract {
    /// Message types by method, for tests that check every message.
    func fuzzingFiles() -> [GeneratedFile] {
        [GeneratedFile(path: "\(GeneratedFile.fuzzingFolder)/Method+Messages.swift", contents: messageTypes())]
    }

    private func messageTypes() -> String {
        var writer = SourceWriter(imports: ["import JoblineProtocol"])
        writer.block("extension Method") { writer in
            table("parameters", of: "any Parameters.Type", doc: "Type of the method's parameters.", &writer) {
                "\($0.service.swiftName).\($0.operation.requestName)"
            }
            writer.blank()
            table("result", of: "any Message.Type", doc: "Type of the method's result.", &writer) {
                $0.operation.responseType(in: $0.service)
            }
        }
        return writer.text
    }

    private func table(
        _ name: String, of type: String, doc: String, _ writer: inout SourceWriter, _ value: (Method) -> String
    ) {
        writer.doc(doc)
        writer.block("var \(name): \(type)") { writer in
            writer.line("switch self {")
            for method in services.flatMap(\.methods) {
                writer.line("case .\(method.swiftName): \(value(method)).self")
            }
            writer.line("}")
        }
    }
}
