package import NIOCore

/// Result that the backend has already encoded as JSON, so that frequent reads need not create values.
package struct Encoded<Value: JSONCodable>: JSONEncodable {
    private let json: ByteBuffer

    package init(_ value: Value) { json = value.json() }

    /// Wraps a `Value` in compact JSON.
    package init(json: ByteBuffer) { self.json = json }

    package func decoded() throws(JSONError) -> Value { try Value(json: json) }

    package func write(to writer: inout JSONWriter) { writer.raw(json) }
}
