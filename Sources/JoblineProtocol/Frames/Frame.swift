package import NIOCore

/// JSON object in one of the two forms on the wire.
package struct Frame: Sendable, Hashable {
    /// Framing of the object in the byte stream.
    package enum Form: Sendable, Hashable {
        /// `LENGTH LF BODY LF`, used by programs.
        case framed
        /// One object on one line, typed by a person.
        case bare
    }

    package let form: Form
    /// Object without length and line feeds.
    package let body: ByteBuffer

    package init(form: Form, body: ByteBuffer) {
        self.form = form
        self.body = body
    }
}

extension Frame {
    /// Digits of the longest length.
    static let lengthDigits = 7
    /// Digits of most lengths.
    private static let usualDigits = 3
    /// Initial capacity, enough for most messages.
    private static let usualBytes = 1024

    /// Encodes a message as a frame.
    ///
    /// - Parameters:
    ///   - form: Form of the frame.
    ///   - content: Writes the object.
    /// - Returns: Bytes to send, and how many of them belong to the object.
    package static func encode(
        _ form: Form, _ content: (inout JSONWriter) -> Void
    ) -> (bytes: ByteBuffer, bodyBytes: Int) {
        var bytes = ByteBuffer()
        let bodyBytes = append(form, to: &bytes, content)
        return (bytes, bodyBytes)
    }

    /// Appends a message as a frame.
    ///
    /// - Parameters:
    ///   - form: Form of the frame.
    ///   - buffer: Buffer to append to.
    ///   - content: Writes the object.
    /// - Returns: Bytes of the object, without the framing.
    @discardableResult
    package static func append(
        _ form: Form, to buffer: inout ByteBuffer, _ content: (inout JSONWriter) -> Void
    ) -> Int {
        let start = buffer.writerIndex
        // The length is only known afterwards: reserve space for the usual digits, and move the body if there are more
        // or fewer.
        let room = form == .framed ? usualDigits + 1 : 0
        buffer.reserveCapacity(minimumWritableBytes: usualBytes)
        buffer.moveWriterIndex(forwardBy: room)
        var writer = JSONWriter(into: exchange(&buffer, with: ByteBuffer()))
        content(&writer)
        buffer = (consume writer).finish()
        let bodyBytes = buffer.writerIndex - start - room
        buffer.writeInteger(UInt8(ascii: "\n"))
        guard form == .framed else { return bodyBytes }
        let header = "\(bodyBytes)\n"
        let shift = header.utf8.count - room
        if shift != 0 {
            _ = try? buffer.copyBytes(at: start + room, to: start + room + shift, length: bodyBytes + 1)
            buffer.moveWriterIndex(to: buffer.writerIndex + shift)
        }
        buffer.setString(header, at: start)
        return bodyBytes
    }
}
