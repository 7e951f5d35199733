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
    ///   - buffer: What the bytes are appended to.
    /// - Returns: How many bytes were appended.
    package static func append(
        _ form: Form, id: RequestID?, result: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) -> Int {
        var text = JSONWriter()
        if let id { id.write(to: &text) } else { text.null() }
        let id = text.buffer
        let count =
            beforeID.utf8CodeUnitCount + id.readableBytes + beforeResult.utf8CodeUnitCount + result.count + 1
        let start = buffer.writerIndex
        buffer.reserveCapacity(minimumWritableBytes: count + lengthDigits + 2)
        if form == .framed { buffer.writeString("\(count)\n") }
        buffer.writeStaticString(beforeID)
        buffer.writeImmutableBuffer(id)
        buffer.writeStaticString(beforeResult)
        buffer.writeBytes(result)
        buffer.writeStaticString("}\n")
        return buffer.writerIndex - start
    }
}
