package import NIOCore

/// JSON value of any type, stored as text.
///
/// Used for parts of messages that the contract does not describe, such as a provider's configuration.
public struct JSONDocument: Sendable, Hashable {
    /// Well-formed JSON without line feeds.
    let text: ByteBuffer

    /// Stores a JSON text.
    ///
    /// - Parameter text: One JSON value.
    /// - Returns: nil if `text` is not JSON.
    public init?(_ text: String) {
        guard let document = try? JSONDocument(json: ByteBuffer(string: text)) else { return nil }
        self = document
    }

    /// Stores compact JSON without checking it.
    package init(compact text: ByteBuffer) { self.text = text }

    /// JSON text.
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
    /// Copies the next value without white space, and so without raw line feeds.
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

    /// Copies the string at the current position.
    private mutating func copyString(to writer: inout JSONWriter) throws(JSONError) {
        switch try stringContent() {
        case .plain(let range): writer.string(utf8: UnsafeRawBufferPointer(rebasing: bytes[range]))
        case .decoded(let text): writer.string(text)
        }
    }
}
