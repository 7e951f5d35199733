public import JoblineProtocol

extension Timestamp: Codable {
    /// Decodes seconds since 1970-01-01T00:00:00Z, the services' format of times.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = Timestamp(wire: try container.decode(Double.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a time outside the years 1 to 9999")
        }
        self = time
    }

    /// Encodes seconds since 1970-01-01T00:00:00Z, the services' format of times.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secondsSinceEpoch)
    }
}
