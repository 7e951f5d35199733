package import NIOCore

/// Result that the backend has already encoded as JSON.
///
/// Service functions return it for the reads that programs poll: lists, and reads of one job that all families share. A backend
/// answers these with JSON that it has stored or copied. Other results are small and rare, and are values, so that the compiler
/// checks their members.
package struct Encoded<Value: JSONCodable>: JSONEncodable {
    private let json: ByteBuffer

    package init(_ value: Value) { json = value.json() }

    /// Wraps a `Value` in compact JSON.
    package init(json: ByteBuffer) { self.json = json }

    package func decoded() throws(JSONError) -> Value { try Value(json: json) }

    package func write(to writer: inout JSONWriter) { writer.raw(json) }
}
