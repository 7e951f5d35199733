extension Contract {
    /// Files of the protocols that backends conform to.
    func backendFiles() -> [GeneratedFile] {
        services.map { service in
            GeneratedFile(
                path: "\(GeneratedFile.backendFolder)/\(service.swiftName)Service.swift",
                contents: service.serviceProtocol())
        }
    }
}

extension Service {
    fileprivate func serviceProtocol() -> String {
        var writer = SourceWriter(imports: ["package import JoblineProtocol"])
        writer.doc(
            "Operations that a backend of \(name) implements.",
            "Each throws a ``ServiceError`` or a `CancellationError`. Clients do not see the text of other errors.")
        writer.block("package protocol \(swiftName)Service: Sendable") { writer in
            let served = operations.filter { $0.answeredBy == .service }
            for (index, operation) in served.enumerated() {
                if index > 0 { writer.blank() }
                writer.doc(operation.serviceSummary(in: self))
                var parameters: [String] = []
                if operation.isForFamilies { parameters.append("_ family: \(swiftName).Family") }
                parameters.append("_ request: \(swiftName).\(operation.requestName)")
                parameters.append("context: RequestContext")
                writer.list(
                    "func \(operation.functionName)(", parameters,
                    ") async throws -> \(operation.answerType(in: self))")
            }
        }
        return writer.text
    }
}
