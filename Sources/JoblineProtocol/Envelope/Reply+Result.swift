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
        let id = Self.text(of: id)
        let count = beforeID.utf8CodeUnitCount + id.utf8.count + beforeResult.utf8CodeUnitCount + result.count + 1
        let start = buffer.writerIndex
        buffer.reserveCapacity(minimumWritableBytes: count + lengthDigits + 2)
        if form == .framed { buffer.writeString("\(count)\n") }
        buffer.writeStaticString(beforeID)
        buffer.writeString(id)
        buffer.writeStaticString(beforeResult)
        buffer.writeBytes(result)
        buffer.writeStaticString("}\n")
        return buffer.writerIndex - start
    }

    private static func text(of id: RequestID?) -> String {
        // A number has so few digits that they need no memory.
        if case .integer(let number) = id { return String(number) }
        var writer = JSONWriter()
        if let id { id.write(to: &writer) } else { writer.null() }
        return String(buffer: writer.buffer)
    }
}
