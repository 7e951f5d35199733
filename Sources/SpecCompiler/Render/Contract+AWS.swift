extension Contract {
    /// Table of the services and operations on the wires of AWS.
    func awsFiles() -> [GeneratedFile] {
        let services = services.filter { $0.aws != nil }
        return [GeneratedFile(path: "\(GeneratedFile.awsFolder)/AWSService+All.swift", contents: allServices(services))]
            + services.compactMap { service in
                service.aws.map {
                    GeneratedFile(
                        path: "\(GeneratedFile.awsFolder)/AWSService+\(service.swiftName).swift",
                        contents: service.awsService($0))
                }
            }
    }

    private func allServices(_ services: [Service]) -> String {
        var writer = SourceWriter()
        writer.block("extension AWSService") { writer in
            writer.doc("Services with a wire of AWS.")
            writer.list(
                "package static let all = [", services.map { SwiftName.member($0.swiftName) }, "]", trailingComma: true)
        }
        return writer.text
    }
}

extension Service {
    fileprivate func awsService(_ aws: AWSWires) -> String {
        var writer = SourceWriter(imports: ["internal import JoblineProtocol"])
        writer.block("extension AWSService") { writer in
            writer.doc("\(name) on the wires of AWS.")
            writer.line("static let \(SwiftName.member(swiftName)) = AWSService(")
            writer.indented { writer in
                writer.line("name: \(literal(name)),")
                writer.line("wires: [\(aws.wires.map { ".\($0.rawValue)" }.joined(separator: ", "))],")
                writer.line("target: \(aws.target.map(literal) ?? "nil"),")
                writer.line("signingName: \(literal(aws.signingName)),")
                writer.line("messageMember: \(literal(aws.message)),")
                writer.line(aws.statuses.isEmpty ? "statuses: [:]," : "statuses: [")
                writer.indented { writer in
                    for (type, status) in aws.statuses { writer.line("\(literal(type)): \(status),") }
                }
                if !aws.statuses.isEmpty { writer.line("],") }
                writer.list("timeMembers: [", timeMembers.map(literal), "],", trailingComma: true)
                writer.line("operations: [")
                writer.indented { writer in for method in methods { method.awsOperation(&writer) } }
                writer.line("])")
            }
        }
        return writer.text
    }
}

extension Method {
    fileprivate func awsOperation(_ writer: inout SourceWriter) {
        var items = [literal(operationName), ".\(swiftName)"]
        if let http = operation.http { items += http.arguments(for: operation.request) }
        writer.list("AWSOperation(", items, "),")
    }
}

extension HTTPBinding {
    /// Arguments of an operation, for its method, path and query.
    fileprivate func arguments(for request: [Member]) -> [String] {
        let segments = path.map { segment in
            switch segment {
            case .fixed(let text): ".fixed(\(literal(text)))"
            case .member(let name): ".member(\(literal(name)))"
            }
        }
        let query = query(of: request).map { member in
            ".init(\(literal(member.name))\(member.type.builtin?.isNumber == true ? ", isInteger: true" : ""))"
        }
        return [literal(verb.rawValue), "[\(segments.joined(separator: ", "))]"]
            + (query.isEmpty ? [] : ["query: [\(query.joined(separator: ", "))]"])
    }
}
