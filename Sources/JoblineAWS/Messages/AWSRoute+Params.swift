internal import JoblineProtocol
package import NIOCore

extension AWSRoute {
    /// Returns the parameters of a request as compact JSON.
    ///
    /// White space is removed: the same request has the same bytes from every SDK, so that the cache finds its result.
    ///
    /// - Parameter body: Whole body; empty for no members.
    /// - Throws: If the body is not what the wire prescribes.
    package func params(_ body: ByteBuffer) throws(AWSRefusal) -> ByteBuffer {
        switch wire {
        case .json: return try Self.compact(body)
        case .cbor: return body.readableBytes == 0 ? Self.emptyObject : try CBORReader.json(of: body).finish()
        case .rest: return try restParams(body)
        }
    }

    private static let emptyObject = ByteBuffer(string: "{}")

    private static func compact(_ body: ByteBuffer) throws(AWSRefusal) -> ByteBuffer {
        guard body.readableBytes > 0 else { return emptyObject }
        do throws(JSONError) {
            return try JSONReader.read(body) { (reader) throws(JSONError) in
                guard try reader.peek() == UInt8(ascii: "{") else {
                    throw JSONError(.type, "expected an object", offset: reader.offset)
                }
                var writer = JSONWriter()
                try JSONDocument(from: &reader).write(to: &writer)
                return writer.finish()
            }
        } catch {
            throw .serialization("the body is no JSON object: \(error.message) at byte \(error.offset)")
        }
    }

    /// Returns the members of the body and the values of path and query, which have precedence.
    private func restParams(_ body: ByteBuffer) throws(AWSRefusal) -> ByteBuffer {
        let hasBody = operation.binding?.hasBody ?? false
        let members = hasBody ? try Self.compact(body) : Self.emptyObject
        if values.isEmpty { return members }
        let names = Set(values.map(\.name))
        do throws(JSONError) {
            return try JSONReader.read(members) { (reader) throws(JSONError) in
                var writer = JSONWriter()
                try writer.object { (writer) throws(JSONError) in
                    for value in values { value.write(to: &writer) }
                    try reader.members { (reader, key) throws(JSONError) in
                        let document = try JSONDocument(from: &reader)
                        if !names.contains(key.name) { writer.member(named: key.name, document) }
                    }
                }
                return writer.finish()
            }
        } catch {
            throw .serialization("the body is no JSON object: \(error.message) at byte \(error.offset)")
        }
    }
}

extension RESTBinding {
    /// Whether requests have members in their body.
    var hasBody: Bool { verb != "GET" && verb != "DELETE" }
}

extension AWSRoute.Value {
    /// Writes the value as a member. Text that is no integer stays text, which validation refuses by the member's name.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.name(name)
        if isInteger, let number = Int64(text), abs(number.clampedMagnitude) <= JSONReader.maximumInteger {
            writer.integer(number)
        } else {
            writer.string(text)
        }
    }
}

extension Int64 {
    /// Magnitude, without overflow.
    fileprivate var clampedMagnitude: Int64 { self == .min ? .max : abs(self) }
}
