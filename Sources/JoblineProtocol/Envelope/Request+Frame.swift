package import NIOCore

extension Frame {
    private static let beforeMethod: StaticString = #","method":""#
    private static let beforeTimeout: StaticString = #"","timeoutMs":"#
    private static let beforeParams: StaticString = #","params":"#
    private static let marks =
        beforeID.utf8CodeUnitCount + beforeMethod.utf8CodeUnitCount + beforeTimeout.utf8CodeUnitCount
        + beforeParams.utf8CodeUnitCount + 1

    /// Appends a request of the contract, as most are, with one look at the room that there is.
    ///
    /// - Parameters:
    ///   - id: The request's id.
    ///   - method: What is called.
    ///   - timeoutMilliseconds: How long the caller waits; at least 1.
    ///   - params: The parameters as compact JSON.
    ///   - buffer: What the bytes are appended to.
    /// - Returns: How many bytes the object has, to be held against the cap.
    package static func append(
        request id: Int64, _ method: Method, timeoutMilliseconds: Int64, _ params: ByteBuffer,
        to buffer: inout ByteBuffer
    ) -> Int {
        let method = method.rawValue
        let count =
            marks + ByteWriter.count(of: id) + method.utf8.count + ByteWriter.count(of: timeoutMilliseconds)
            + params.readableBytes
        append(.framed, bodyBytes: count, to: &buffer) { writer in
            writer.put(beforeID)
            writer.put(id)
            writer.put(beforeMethod)
            writer.put(method)
            writer.put(beforeTimeout)
            writer.put(timeoutMilliseconds)
            writer.put(beforeParams)
            params.withUnsafeReadableBytes { writer.put($0) }
            writer.put(UInt8(ascii: "}"))
        }
        return count
    }
}
