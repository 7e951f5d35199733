package import NIOCore

extension Frame {
    private static let beforeMethod: StaticString = #","method":""#
    private static let beforeTimeout: StaticString = #"","timeoutMs":"#
    private static let beforeParams: StaticString = #","params":"#
    private static let marks =
        beforeID.utf8CodeUnitCount + beforeMethod.utf8CodeUnitCount + beforeTimeout.utf8CodeUnitCount
        + beforeParams.utf8CodeUnitCount + 1

    /// Appends a request of the contract. Reserves space only once.
    ///
    /// - Parameters:
    ///   - id: Id of the request.
    ///   - method: Method to call.
    ///   - timeoutMilliseconds: Timeout; at least 1.
    ///   - params: Parameters as compact JSON.
    ///   - buffer: Buffer to append to.
    /// - Returns: Bytes of the object, without the framing.
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
