package import NIOCore

extension Frame {
    private static let beforeID: StaticString = #"{"jsonrpc":"2.0","id":"#
    private static let beforeResult: StaticString = #","result":"#
    private static let beforeError: StaticString = #","error":"#

    /// Appends a final reply whose outcome is compact JSON already, without a buffer of its own.
    ///
    /// - Parameters:
    ///   - form: The form of the frame.
    ///   - id: The request's id; nil is written as null.
    ///   - outcome: The result, or the error.
    ///   - isError: Which of them it is.
    ///   - buffer: What the bytes are appended to.
    /// - Returns: How many bytes were appended.
    @discardableResult
    package static func append(
        _ form: Form, id: RequestID?, _ outcome: UnsafeRawBufferPointer, isError: Bool, to buffer: inout ByteBuffer
    ) -> Int {
        let id = text(of: id)
        let beforeOutcome = isError ? beforeError : beforeResult
        let count = beforeID.utf8CodeUnitCount + id.utf8.count + beforeOutcome.utf8CodeUnitCount + outcome.count + 1
        let length = form == .framed ? "\(count)\n" : ""
        let all = length.utf8.count + count + 1
        return buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: all) { target in
            var writer = ByteWriter(target: target)
            writer.put(length)
            writer.put(beforeID)
            writer.put(id)
            writer.put(beforeOutcome)
            writer.put(outcome)
            writer.put("}\n" as StaticString)
            return writer.count
        }
    }

    /// Of a number these are so few bytes that they need no memory.
    private static func text(of id: RequestID?) -> String {
        if case .integer(let number) = id { return String(number) }
        var writer = JSONWriter()
        if let id { id.write(to: &writer) } else { writer.null() }
        return String(buffer: writer.buffer)
    }
}

/// Puts bytes one behind the other into memory that has room for all.
private struct ByteWriter {
    let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }
}
