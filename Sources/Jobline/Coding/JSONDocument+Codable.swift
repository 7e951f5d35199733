public import JoblineProtocol
internal import NIOCore

extension JSONDocument: Codable {
    /// Decodes any JSON value; the members of an object are sorted by name.
    public init(from decoder: any Decoder) throws {
        self.init(compact: try JSONValue(from: decoder).json())
    }

    /// Encodes the value itself, not its text. Numbers become the nearest double, or an integer if that is whole.
    public func encode(to encoder: any Encoder) throws {
        do {
            try JSONValue(json: json()).encode(to: encoder)
        } catch let error as JSONError {
            let context = EncodingError.Context(codingPath: encoder.codingPath, debugDescription: error.message)
            throw EncodingError.invalidValue(self, context)
        }
    }
}

/// Any JSON value, decoded.
private indirect enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])
}

extension JSONValue: JSONCodable {
    init(from reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case UInt8(ascii: "{"):
            var members: [(name: String, value: JSONValue)] = []
            try reader.members { (reader, key) throws(JSONError) in
                members.append((key.name, try JSONValue(from: &reader)))
            }
            self = .object(members)
        case UInt8(ascii: "["): self = .array(try reader.value())
        case UInt8(ascii: "\""): self = .string(try reader.string())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .bool(try reader.bool())
        case UInt8(ascii: "n"):
            _ = try reader.null()
            self = .null
        default:
            let number = try reader.double()
            self = Int64(exactly: number).map { .integer($0) } ?? .double(number)
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .integer(let value): writer.integer(value)
        case .double(let value): writer.double(value)
        case .string(let value): writer.string(value)
        case .array(let values): values.write(to: &writer)
        case .object(let members):
            writer.object { writer in
                for member in members { writer.member(named: member.name, member.value) }
            }
        }
    }
}

extension JSONValue: Codable {
    init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count < JSONReader.maximumDepth else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "nested deeper than \(JSONReader.maximumDepth) levels"))
        }
        if let members = try? decoder.members() {
            // Decoders return keys in arbitrary order.
            let names = members.allKeys.map(\.stringValue).sorted()
            self = .object(try names.map { ($0, try members.required($0)) })
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
            self = .array(values)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self), value.isFinite {
            self = .double(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var container = encoder.members()
            for member in members { try container.encode(member.value, forKey: MemberName(stringValue: member.name)) }
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            case .null, .array, .object: try container.encodeNil()
            }
        }
    }
}
