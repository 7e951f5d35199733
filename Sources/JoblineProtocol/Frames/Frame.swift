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

    /// Writes a message directly as the bytes of a frame.
    ///
    /// - Parameters:
    ///   - form: The form of the frame.
    ///   - content: Writes the one object.
    /// - Returns: The bytes to send, and how many of them are the object, to be held against the cap.
    package static func encode(
        _ form: Form, _ content: (inout JSONWriter) -> Void
    ) -> (bytes: ByteBuffer, bodyBytes: Int) {
        // The length is known only afterwards: leave room for the longest one and start behind what is not needed.
        let room = form == .framed ? lengthDigits + 1 : 0
        var writer = JSONWriter(into: ByteBuffer(repeating: UInt8(ascii: " "), count: room))
        content(&writer)
        var bytes = writer.buffer
        let bodyBytes = bytes.readableBytes - room
        bytes.writeInteger(UInt8(ascii: "\n"))
        if form == .framed {
            let header = "\(bodyBytes)\n"
            let start = room - header.utf8.count
            // A body that is too long for its length is over every cap, so the caller never sends these bytes.
            guard start >= 0 else { return (bytes, bodyBytes) }
            bytes.setString(header, at: start)
            bytes.moveReaderIndex(to: start)
        }
        return (bytes, bodyBytes)
    }
}
