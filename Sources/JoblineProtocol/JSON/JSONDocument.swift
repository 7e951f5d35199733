package import NIOCore

/// Any JSON value, kept as its text.
///
/// Stands where a message holds what the contract does not describe, such as a provider's own configuration.
public struct JSONDocument: Sendable, Hashable {
    /// The text; well-formed JSON on one line.
    let text: ByteBuffer

    /// Keeps a JSON text.
    ///
    /// - Parameter text: One JSON value.
    /// - Returns: nil if `text` is not JSON.
    public init?(_ text: String) {
        guard let document = try? JSONDocument(json: ByteBuffer(string: text)) else { return nil }
        self = document
    }

    /// Keeps text that is known to be compact JSON.
    package init(compact text: ByteBuffer) { self.text = text }

    /// The value as JSON text.
    public var string: String { String(buffer: text) }
}

extension JSONDocument: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var writer = JSONWriter()
        try reader.copy(to: &writer)
        text = writer.buffer
    }

    package func write(to writer: inout JSONWriter) { writer.raw(text) }
}

extension JSONReader {
    /// Copies the next value without its white space, so that what is written never holds a raw line feed.
    fileprivate mutating func copy(to writer: inout JSONWriter) throws(JSONError) {
        switch try peek() {
        case UInt8(ascii: "{"):
            var members: [(String, ByteBuffer)] = []
            try self.members { (reader, key) throws(JSONError) in
                var member = JSONWriter()
                try reader.copy(to: &member)
                members.append((key.name, member.buffer))
            }
            writer.object { writer in
                for (name, value) in members { writer.member(named: name, JSONDocument(compact: value)) }
            }
        case UInt8(ascii: "["):
            var elements: [ByteBuffer] = []
            try array { (reader) throws(JSONError) in
                var element = JSONWriter()
                try reader.copy(to: &element)
                elements.append(element.buffer)
            }
            writer.array { writer in
                for element in elements { writer.raw(element) }
            }
        case UInt8(ascii: "\""): writer.string(try string())
        default: writer.raw(try scalar())
        }
    }
}
