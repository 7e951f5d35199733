/// JSON value that keeps the order of its members.
indirect enum JSONValue {
    case string(String)
    case integer(Int)
    case bool(Bool)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// Maximum columns of a line of indented text.
    private static let width = 120

    /// JSON without white space.
    var compactText: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        case .array(let elements): "[" + elements.map(\.compactText).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0) + ":" + $1.compactText }.joined(separator: ",") + "}"
        }
    }

    /// JSON with one member or element a line, except in arrays and objects that fit on one line.
    var indentedText: String { indentedText(indentation: "", prefix: "") }

    /// Returns indented JSON that begins with `prefix`.
    private func indentedText(indentation: String, prefix: String) -> String {
        let line = prefix + compactText
        // One column is reserved for the comma.
        if indentation.utf8.count + line.utf8.count < Self.width { return line }
        let inner = indentation + "  "
        let lines: [String]
        let delimiters: (open: String, close: String)
        switch self {
        case .string, .integer, .bool: return line
        case .array(let elements):
            delimiters = ("[", "]")
            lines = elements.map { $0.indentedText(indentation: inner, prefix: "") }
        case .object(let members):
            delimiters = ("{", "}")
            lines = members.map { $1.indentedText(indentation: inner, prefix: Self.quoted($0) + ": ") }
        }
        let content = lines.map { inner + $0 }.joined(separator: ",\n")
        return "\(prefix)\(delimiters.open)\n\(content)\n\(indentation)\(delimiters.close)"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
