internal import Jobline

/// JSON value reduced to its structure: members, elements and texts.
indirect enum JSONNode: Sendable, JSONDecodable {
    case object([String: JSONNode])
    case array([JSONNode])
    case string(String)
    /// Number, boolean or null.
    case scalar

    init(from reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case UInt8(ascii: "{"): self = .object(try reader.value())
        case UInt8(ascii: "["): self = .array(try reader.value())
        case UInt8(ascii: "\""): self = .string(try reader.string())
        default:
            try reader.skip()
            self = .scalar
        }
    }

    init?(_ document: JSONDocument) {
        guard let node = try? JSONNode(json: document.json()) else { return nil }
        self = node
    }

    /// Returns the member of an object with this name.
    subscript(_ name: String) -> JSONNode? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// Elements of an array; empty for other values.
    var elements: [JSONNode] { if case .array(let elements) = self { elements } else { [] } }

    var text: String? { if case .string(let text) = self { text } else { nil } }

    var isEmpty: Bool { if case .object(let members) = self { members.isEmpty } else { false } }
}
