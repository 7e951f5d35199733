/// The name of a member on the wire, as Swift's coders take it; one type for all messages.
struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The value to decode as a message.
    func members() throws -> KeyedDecodingContainer<MemberName> { try container(keyedBy: MemberName.self) }
}

extension Encoder {
    /// The value to encode as a message.
    func members() -> KeyedEncodingContainer<MemberName> { container(keyedBy: MemberName.self) }
}

extension KeyedDecodingContainer<MemberName> {
    func required<Value: Decodable>(_ name: String) throws -> Value {
        try decode(Value.self, forKey: MemberName(stringValue: name))
    }

    /// The value of a member; nil if it is absent or null.
    func optional<Value: Decodable>(_ name: String) throws -> Value? {
        try decodeIfPresent(Value.self, forKey: MemberName(stringValue: name))
    }
}

extension KeyedEncodingContainer<MemberName> {
    /// Writes a member, unless it is absent.
    mutating func write(_ name: String, _ value: (some Encodable)?) throws {
        try encodeIfPresent(value, forKey: MemberName(stringValue: name))
    }
}
