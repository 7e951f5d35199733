extension Contract {
    /// Calls of the SDK.
    func clientFiles() -> [GeneratedFile] {
        [file("JoblineClient+Services", clientExtension())]
            + services.filter { $0.calls == .ownType }.map { file("\($0.callsName)", $0.callsStructure()) }
            + services.filter { $0.calls == .ownType && $0.methods.contains { $0.list != nil } }
            .map { file("\($0.callsName)+Lists", $0.listsExtension()) }
            + services.filter { $0.calls == .client }.map { file("JoblineClient+\($0.swiftName)", $0.callsOnClient()) }
    }

    private func file(_ name: String, _ contents: String) -> GeneratedFile {
        GeneratedFile(path: "\(GeneratedFile.clientFolder)/\(name).swift", contents: contents)
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
    /// Type that has the service's calls.
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

    fileprivate func listsExtension() -> String {
        var writer = SourceWriter(imports: ["public import JoblineProtocol"])
        writer.block("extension \(callsName)") { writer in
            for (index, method) in methods.filter({ $0.list != nil }).enumerated() {
                if index > 0 { writer.blank() }
                method.renderList(&writer)
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
        let options = (name: "options", doc: "Timeout and retries.")
        writer.doc(summary)
        writer.parameters(
            operation.request.map { member in
                (member.swiftName, member.fullDoc + (member.isToken ? " Generated if absent." : ""))
            } + [options])
        writer.doc("- Throws: A ``JoblineError``; it says whether the request can have had an effect.")
        let parameters = operation.request.map { member in
            let type = member.optionalSwiftType(in: service.swiftName)
            return "\(member.swiftName): \(type)" + (member.required ? "" : " = nil")
        }
        writer.list(
            "public func \(SwiftName.escaped(SwiftName.member(operationName)))(",
            parameters + ["options: CallOptions = CallOptions()"],
            ") async throws(JoblineError) -> \(resultType) {")
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
        if let id = operation.startedJobID {
            writer.list("let request = \(type)(", arguments, ")")
            let response = "let response: \(operation.responseType(in: service)) = try await \(client).call("
            writer.list(response, [".\(swiftName)", "request", "options: options"], ")")
            let job = job(id: "response.\(id.swiftName)")
            writer.list("return try StartedJob(", ["response"] + job + ["by: .\(swiftName)"], ")")
        } else if let job = operation.job, let id = operation.request.first(where: { $0.name == job.id }) {
            writer.list("let request = \(type)(", arguments, ")")
            writer.list("let job = JobReference(", self.job(id: SwiftName.escaped(id.swiftName)), ")")
            let arguments = [".\(swiftName)", "request", "about: job", "options: options"]
            writer.list("return try await \(client).call(", arguments, ")")
        } else if writer.fits("\(call)\(request), options: options)") {
            writer.line("\(call)\(request), options: options)")
        } else {
            writer.list("let request = \(type)(", arguments, ")")
            writer.line("return \(call)request, options: options)")
        }
    }

    /// Result type of the SDK's call.
    private var resultType: String {
        let response = operation.responseType(in: service)
        return operation.startedJobID == nil ? response : "StartedJob<\(response)>"
    }

    /// Returns the arguments of the job reference.
    private func job(id: String) -> [String] {
        var arguments = ["family: .\(SwiftName.value(operation.job?.family ?? family?.name ?? ""))", "id: \(id)"]
        if let workflow = operation.request.first(where: { $0.name == operation.job?.workflow }) {
            arguments.append("workflow: \(SwiftName.escaped(workflow.swiftName))")
        }
        return arguments
    }
}

extension Method {
    /// Paginated list; nil if the operation has no pages, or if the items are not a list.
    fileprivate struct List {
        /// Name of the operation without its verb.
        var name: String
        var element: TypeReference
        var items: Member
        var requestToken: Member
        var responseToken: Member
        var limit: Member
    }

    fileprivate var list: List? {
        guard operation.isCall, let pages = operation.pages, operationName.hasPrefix("List"),
            case .members(let response) = operation.response,
            let items = response.first(where: { $0.name == pages.items }), case .list(let element) = items.type,
            let requestToken = operation.request.first(where: { $0.name == pages.token }),
            let responseToken = response.first(where: { $0.name == pages.token }),
            let limit = operation.request.first(where: { $0.name == pages.limit })
        else { return nil }
        return List(
            name: String(operationName.dropFirst("List".count)), element: element, items: items,
            requestToken: requestToken, responseToken: responseToken, limit: limit)
    }

    fileprivate func renderList(_ writer: inout SourceWriter) {
        guard let list else { return }
        let filters = operation.request.filter { ![list.requestToken.name, list.limit.name].contains($0.name) }
        writer.doc("\(summary.dropLast()); pages are requested on demand.")
        writer.parameters(
            filters.map { ($0.swiftName, $0.fullDoc) }
                + [
                    ("pageSize", list.limit.fullDoc),
                    ("options", "Timeout and retries of the request for each page."),
                ])
        writer.doc(
            "- Returns: Sequence of the elements; its `pages` are the responses. Iteration throws a ``JoblineError``.")
        let namespace = service.swiftName
        let sequence =
            "PagedSequence<\(list.element.swiftName(in: namespace)), \(operation.responseType(in: service))>"
        writer.list(
            "public func \(SwiftName.escaped(SwiftName.member(list.name)))(",
            filters.map {
                "\($0.swiftName): \($0.optionalSwiftType(in: namespace))" + ($0.required ? "" : " = nil")
            } + ["pageSize: Int? = nil", "options: CallOptions = CallOptions()"],
            ") -> \(sequence) {")
        writer.indented { writer in
            writer.line("PagedSequence(")
            writer.indented { writer in
                writer.line("\"\(wireName)\",")
                writer.line("items: { $0.\(list.items.swiftName) },")
                writer.line("nextToken: { $0.\(list.responseToken.swiftName) }")
            }
            writer.closure(")", "(token) async throws(JoblineError)") { writer in
                let arguments = operation.request.map { member in
                    switch member.name {
                    case list.requestToken.name: "\(member.swiftName): token"
                    case list.limit.name: "\(member.swiftName): pageSize"
                    default: "\(member.swiftName): \(SwiftName.escaped(member.swiftName))"
                    }
                }
                let call = SwiftName.escaped(SwiftName.member(operationName))
                writer.list("try await \(call)(", arguments + ["options: options"], ")")
            }
        }
        writer.line("}")
    }
}
