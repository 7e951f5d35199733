extension Contract {
    /// The calls of the SDK.
    func clientFiles() -> [GeneratedFile] {
        [file("JoblineClient+Services", clientExtension())]
            + services.filter { $0.calls == .ownType }.map { file("\($0.callsName)", $0.callsStructure()) }
            + services.filter { $0.calls == .client }.map { file("JoblineClient+\($0.swiftName)", $0.callsOnClient()) }
    }

    private func file(_ name: String, _ contents: String) -> GeneratedFile {
        GeneratedFile(path: "\(GeneratedFile.folders[2])/\(name).swift", contents: contents)
    }

    private func clientExtension() -> String {
        var writer = SourceWriter()
        writer.block("extension JoblineClient") { writer in
            for (index, service) in services.filter({ $0.calls == .ownType }).enumerated() {
                if index > 0 { writer.blank() }
                writer.doc(service.summary)
                writer.line(
                    "public var \(service.variableName): \(service.callsName) { \(service.callsName)(client: self) }")
            }
        }
        return writer.text
    }
}

extension Service {
    /// The type that holds the service's calls.
    fileprivate var callsName: String { swiftName + "Calls" }

    fileprivate func callsStructure() -> String {
        var writer = SourceWriter(imports: ["public import JoblineProtocol"])
        writer.doc(summary)
        writer.block("public struct \(callsName): Sendable") { writer in
            writer.line("package let client: JoblineClient")
            for method in methods where method.operation.isCall {
                writer.blank()
                method.renderCall(on: "client", &writer)
            }
        }
        return writer.text
    }

    fileprivate func callsOnClient() -> String {
        var writer = SourceWriter(imports: ["public import JoblineProtocol"])
        writer.block("extension JoblineClient") { writer in
            for (index, method) in methods.filter(\.operation.isCall).enumerated() {
                if index > 0 { writer.blank() }
                method.renderCall(on: "self", &writer)
            }
        }
        return writer.text
    }
}

extension Method {
    fileprivate func renderCall(on client: String, _ writer: inout SourceWriter) {
        let options = (name: "options", doc: "How long to wait, and how often to try.")
        writer.doc(summary)
        writer.parameters(
            operation.request.map { member in
                (member.swiftName, member.fullDoc + (member.isToken ? " A new one if absent." : ""))
            } + [options])
        writer.doc("- Throws: A ``JoblineError`` that says what failed and whether anything was done.")
        let parameters = operation.request.map { member in
            let type = member.optionalSwiftType(in: service.swiftName)
            return "\(member.swiftName): \(type)" + (member.required ? "" : " = nil")
        }
        writer.list(
            "public func \(SwiftName.escaped(SwiftName.member(operationName)))(",
            parameters + ["options: CallOptions = CallOptions()"],
            ") async throws(JoblineError) -> \(operation.responseType(in: service)) {")
        writer.indented { renderBody(on: client, &$0) }
        writer.line("}")
    }

    private func renderBody(on client: String, _ writer: inout SourceWriter) {
        let arguments = operation.request.map { member in
            let value = SwiftName.escaped(member.swiftName)
            return "\(member.swiftName): \(value)" + (member.isToken ? " ?? \(client).makeToken()" : "")
        }
        let type = "\(service.swiftName).\(operation.requestName)"
        let request = "\(type)(\(arguments.joined(separator: ", ")))"
        let call = "try await \(client).call(.\(swiftName), "
        if writer.fits("\(call)\(request), options: options)") {
            writer.line("\(call)\(request), options: options)")
        } else {
            writer.list("let request = \(type)(", arguments, ")")
            writer.line("return \(call)request, options: options)")
        }
    }
}
