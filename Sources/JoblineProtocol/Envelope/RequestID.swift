/// What ties a reply to its request; it comes back exactly as it was sent, and 1 and "1" differ.
package enum RequestID: Sendable, Hashable {
    /// Within ±(2^53 − 1), the integers that every JSON implementation holds exactly.
    case integer(Int64)
    /// At most ``maximumBytes`` bytes of UTF-8.
    case string(String)

    package static let maximumInteger: Int64 = 1 << 53 - 1
    package static let maximumBytes = 64
}

extension RequestID: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let offset = reader.offset
        if try reader.peek() == UInt8(ascii: "\"") {
            let text = try reader.string()
            guard text.utf8.count <= Self.maximumBytes else {
                throw JSONError(.range, "a string of more than \(Self.maximumBytes) bytes", offset: offset)
            }
            self = .string(text)
        } else {
            let number = try reader.integer()
            guard (-Self.maximumInteger...Self.maximumInteger).contains(number) else {
                throw JSONError(.range, "an integer beyond ±(2^53 − 1)", offset: offset)
            }
            self = .integer(number)
        }
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .integer(let number): writer.integer(number)
        case .string(let text): writer.string(text)
        }
    }
}
