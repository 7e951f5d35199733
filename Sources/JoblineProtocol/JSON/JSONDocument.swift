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
        do throws(JSONError) {
            try reader.copy(to: &writer)
        } catch {
            throw error.atOuterValue()
        }
        text = writer.buffer
    }

    package func write(to writer: inout JSONWriter) { writer.raw(text) }
}

extension JSONReader {
    /// Copies the next value without its white space, so that what is written never holds a raw line feed.
    fileprivate mutating func copy(to writer: inout JSONWriter) throws(JSONError) {
        switch try peek() {
        case UInt8(ascii: "{"):
            try writer.object { (writer) throws(JSONError) in
                try members { (reader, key) throws(JSONError) in
                    key.write(to: &writer)
                    try reader.copy(to: &writer)
                }
            }
        case UInt8(ascii: "["):
            try writer.array { (writer) throws(JSONError) in
                try array { (reader) throws(JSONError) in try reader.copy(to: &writer) }
            }
        case UInt8(ascii: "\""): try copyString(to: &writer)
        default: try copyScalar(to: &writer)
        }
    }

    /// Copies a string, which is on the next position.
    private mutating func copyString(to writer: inout JSONWriter) throws(JSONError) {
        switch try stringContent() {
        case .plain(let range): writer.string(utf8: UnsafeRawBufferPointer(rebasing: bytes[range]))
        case .decoded(let text): writer.string(text)
        }
    }
}
