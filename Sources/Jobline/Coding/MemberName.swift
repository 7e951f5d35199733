/// Coding key of a member on the wire; one type for all messages.
struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// Returns the keyed container of a message to decode.
    func members() throws -> KeyedDecodingContainer<MemberName> { try container(keyedBy: MemberName.self) }
}

extension Encoder {
    /// Returns the keyed container of a message to encode.
    func members() -> KeyedEncodingContainer<MemberName> { container(keyedBy: MemberName.self) }
}

extension KeyedDecodingContainer<MemberName> {
    func required<Value: Decodable>(_ name: String) throws -> Value {
        try decode(Value.self, forKey: MemberName(stringValue: name))
    }

    /// Returns the value of a member; nil if it is absent or null.
    func optional<Value: Decodable>(_ name: String) throws -> Value? {
        try decodeIfPresent(Value.self, forKey: MemberName(stringValue: name))
    }
}

extension KeyedEncodingContainer<MemberName> {
    /// Encodes a member, unless its value is nil.
    mutating func write(_ name: String, _ value: (some Encodable)?) throws {
        try encodeIfPresent(value, forKey: MemberName(stringValue: name))
    }
}
