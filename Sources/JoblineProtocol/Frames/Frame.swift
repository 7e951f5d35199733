package import NIOCore

/// One JSON object as it travels, in either of its two forms.
package struct Frame: Sendable, Hashable {
    /// How the object stands in the byte stream.
    package enum Form: Sendable, Hashable {
        /// `LENGTH LF BODY LF`: what programs send.
        case framed
        /// One object on one line: what a person types.
        case bare
    }

    package let form: Form
    /// The object, without length and line feeds.
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
    /// Room for most messages, so that a buffer does not grow while one is written.
    private static let usualBytes = 1024

    /// Writes a message directly as the bytes of a frame.
    ///
    /// - Parameters:
    ///   - form: The form of the frame.
    ///   - content: Writes the one object.
    /// - Returns: The bytes to send, and how many of them are the object, to be held against the cap.
    package static func encode(
        _ form: Form, _ content: (inout JSONWriter) -> Void
    ) -> (bytes: ByteBuffer, bodyBytes: Int) {
        var bytes = ByteBuffer()
        let bodyBytes = append(form, to: &bytes, content)
        return (bytes, bodyBytes)
    }

    /// Appends a message as the bytes of a frame.
    ///
    /// - Parameters:
    ///   - form: The form of the frame.
    ///   - buffer: What the bytes are appended to.
    ///   - content: Writes the one object.
    /// - Returns: How many bytes the object has, to be held against the cap.
    @discardableResult
    package static func append(
        _ form: Form, to buffer: inout ByteBuffer, _ content: (inout JSONWriter) -> Void
    ) -> Int {
        let start = buffer.writerIndex
        // The length is known only afterwards: leave room for one of the usual digits, and move the body where it has others.
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
