internal import Jobline

/// Members that parameters of methods can have, read from the daemon's OpenRPC document.
struct Contract: Sendable {
    private let document: JSONNode

    /// Maximum number of warnings for one call.
    private static let maximumWarnings = 10
    /// Maximum number of references followed from one schema.
    private static let maximumReferences = 8

    init?(_ document: JSONDocument) {
        guard let node = JSONNode(document) else { return nil }
        self.document = node
    }

    /// Returns a warning for each member that is not in the contract, with the most similar known one.
    ///
    /// - Parameters:
    ///   - parameters: Parameters of a call.
    ///   - method: Name of the method; an unknown one has no warnings.
    func warnings(of parameters: JSONNode, for method: String) -> [String] {
        guard let method = document["methods"]?.elements.first(where: { $0["name"]?.text == method }),
            let name = method["name"]?.text
        else { return [] }
        var known: [String: JSONNode] = [:]
        for parameter in method["params"]?.elements ?? [] {
            if let name = parameter["name"]?.text { known[name] = parameter["schema"] ?? .scalar }
        }
        var unknown: [String] = []
        check(parameters, has: known, at: "", &unknown)
        let lines = unknown.prefix(Self.maximumWarnings).map { "\(name) has no parameter \($0)" }
        let rest = unknown.count - lines.count
        return rest > 0 ? lines + ["\(name) has no \(rest) more of these parameters"] : lines
    }

    private func check(_ node: JSONNode, has known: [String: JSONNode], at path: String, _ unknown: inout [String]) {
        guard case .object(let members) = node else { return }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let schema = known[name] {
                check(value, against: schema, at: path + name, &unknown)
            } else {
                let warning = path + name + Spelling.suggestion(name, known.keys)
                // Elements of a list often have the same unknown member.
                if !unknown.contains(warning) { unknown.append(warning) }
            }
        }
    }

    private func check(_ node: JSONNode, against schema: JSONNode, at path: String, _ unknown: inout [String]) {
        guard let schema = resolved(schema) else { return }
        switch node {
        case .object(let members):
            if case .object(let known) = schema["properties"] {
                check(node, has: known, at: path + ".", &unknown)
            } else if let values = schema["additionalProperties"] {
                for (name, value) in members { check(value, against: values, at: "\(path).\(name)", &unknown) }
            }
        case .array(let elements):
            guard let items = schema["items"] else { return }
            for element in elements { check(element, against: items, at: path, &unknown) }
        case .string, .scalar: return
        }
    }

    /// Follows references; returns nil if the document does not have the schema.
    private func resolved(_ schema: JSONNode) -> JSONNode? {
        var schema = schema
        for _ in 0..<Self.maximumReferences {
            if let only = schema["allOf"]?.elements.first { schema = only }
            guard let reference = schema["$ref"]?.text else { return schema }
            let prefix = "#/components/schemas/"
            guard reference.hasPrefix(prefix),
                let next = document["components"]?["schemas"]?[String(reference.dropFirst(prefix.count))]
            else { return nil }
            schema = next
        }
        return nil
    }
}
