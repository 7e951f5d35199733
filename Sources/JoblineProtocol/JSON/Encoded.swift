package import NIOCore

/// A result that its service has written as JSON already: what is read most need not be made of values first.
package struct Encoded<Value: JSONCodable>: JSONEncodable {
    private let json: ByteBuffer

    package init(_ value: Value) { json = value.json() }

    /// - Parameter json: A `Value` as compact JSON.
    package init(json: ByteBuffer) { self.json = json }

    package func decoded() throws(JSONError) -> Value { try Value(json: json) }

    package func write(to writer: inout JSONWriter) { writer.raw(json) }
}
