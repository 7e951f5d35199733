/// Id that a reply has in common with its request. It is returned unchanged; 1 and "1" are different.
package enum RequestID: Sendable {
    /// Integer within ±``JSONReader/maximumInteger``.
    case integer(Int64)
    /// String of at most ``maximumBytes`` bytes in UTF-8.
    case string(String)

    package static let maximumBytes = 64
}

extension RequestID: Hashable {
    /// Compares strings by their bytes: canonically equivalent strings are different ids.
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
