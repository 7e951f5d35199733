/// What ties a reply to its request; it comes back exactly as it was sent, and 1 and "1" differ.
package enum RequestID: Sendable {
    /// Within ±``JSONReader/maximumInteger``.
    case integer(Int64)
    /// At most ``maximumBytes`` bytes of UTF-8.
    case string(String)

    package static let maximumBytes = 64
}

extension RequestID: Hashable {
    /// Strings are the same if their bytes are: what Unicode calls equivalent are two ids.
    package static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.integer, .string), (.string, .integer): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let number): hasher.combine(number)
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

extension RequestID: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        guard try reader.peek() == UInt8(ascii: "\"") else {
            self = .integer(try reader.integer())
            return
        }
        let text = try reader.string()
        guard text.utf8.count <= Self.maximumBytes else {
            throw JSONError(.range, "a string of more than \(Self.maximumBytes) bytes", offset: offset)
        }
        self = .string(text)
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .integer(let number): writer.integer(number)
        case .string(let text): writer.string(text)
        }
    }
}
