package import NIOCore

extension Frame {
    private static let beforeID: StaticString = #"{"jsonrpc":"2.0","id":"#
    private static let beforeResult: StaticString = #","result":"#

    /// Appends the final reply whose result is compact JSON already, without a buffer of its own.
    ///
    /// - Parameters:
    ///   - form: The form of the frame.
    ///   - id: The request's id; nil is written as null.
    ///   - result: The result.
    ///   - limit: The most bytes that the object may have.
    ///   - buffer: What the bytes are appended to.
    /// - Returns: How many bytes were appended; nil, and nothing, if the object would be over the limit.
    package static func append(
        _ form: Form, id: RequestID?, result: ByteBuffer, limit: Int, to buffer: inout ByteBuffer
    ) -> Int? {
        var text = JSONWriter()
        if let id { id.write(to: &text) } else { text.null() }
        let id = text.buffer
        let count =
            beforeID.utf8CodeUnitCount + id.readableBytes + beforeResult.utf8CodeUnitCount + result.readableBytes + 1
        guard count <= limit else { return nil }
        let start = buffer.writerIndex
        buffer.reserveCapacity(minimumWritableBytes: count + lengthDigits + 2)
        if form == .framed {
            buffer.writeString(String(count))
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        buffer.writeStaticString(beforeID)
        buffer.writeImmutableBuffer(id)
        buffer.writeStaticString(beforeResult)
        buffer.writeImmutableBuffer(result)
        buffer.writeStaticString("}\n")
        return buffer.writerIndex - start
    }
}
