package import NIOCore

/// Type with a JSON encoding.
package protocol JSONEncodable: Sendable {
    /// Appends exactly one JSON value.
    func write(to writer: inout JSONWriter)
}

/// Type with a JSON decoding.
package protocol JSONDecodable: Sendable {
    /// Reads exactly one JSON value.
    init(from reader: inout JSONReader) throws(JSONError)
}

package typealias JSONCodable = JSONEncodable & JSONDecodable

extension JSONEncodable {
    /// Initial capacity, enough for most values.
    private static var usualBytes: Int { 256 }

    /// Returns the value as compact JSON.
    package func json() -> ByteBuffer {
        var writer = JSONWriter(into: ByteBufferAllocator().buffer(capacity: Self.usualBytes))
        write(to: &writer)
        return writer.finish()
    }
}

extension JSONDecodable {
    /// Decodes the whole of `json` as one value.
    package init(json: ByteBuffer) throws(JSONError) {
        self = try JSONReader.read(json) { (reader) throws(JSONError) in try Self(from: &reader) }
    }
}

extension JSONReader {
    /// Reads a value of the inferred type.
    package mutating func value<Value: JSONDecodable>(_ type: Value.Type = Value.self) throws(JSONError) -> Value {
        try Value(from: &self)
    }

    /// Returns the value of a required member; throws an error with its name if it is absent.
    package func required<Value>(_ value: Value?, _ name: StaticString) throws(JSONError) -> Value {
        guard let value else { throw JSONError(.missing, "is required", offset: offset).inside(.member("\(name)")) }
        return value
    }
}

extension String: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) { self = try reader.string() }
    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) { self = try reader.bool() }
    package func write(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Int: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) { self = Int(try reader.integer()) }
    package func write(to writer: inout JSONWriter) { writer.integer(Int64(self)) }
}

extension Double: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) { self = try reader.double() }
    package func write(to writer: inout JSONWriter) { writer.double(self) }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    package func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { element.write(to: &writer) }
        }
    }
}

extension Array: JSONDecodable where Element: JSONDecodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        self = []
        try reader.array { (reader) throws(JSONError) in append(try Element(from: &reader)) }
    }
}

extension Dictionary: JSONEncodable where Key == String, Value: JSONEncodable {
    /// Sorts members by name, so that equal values have equal bytes.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in self.sorted(by: { $0.key < $1.key }) { writer.member(named: name, value) }
        }
    }
}

extension Dictionary: JSONDecodable where Key == String, Value: JSONDecodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        self = [:]
        do throws(JSONError) {
            try reader.object { (reader, key) throws(JSONError) in
                // Names with different bytes can be equal strings.
                let offset = reader.offset
                guard updateValue(try Value(from: &reader), forKey: key.name) == nil else {
                    throw JSONError(.repeated, "appears twice", offset: offset)
                }
            }
        } catch {
            throw error.atOuterValue()
        }
    }
}
