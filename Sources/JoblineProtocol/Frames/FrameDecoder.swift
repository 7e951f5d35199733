package import NIOCore

/// Decoder of frames from a byte stream, independent of how reads divide it.
///
/// Buffers at most one frame and the bytes read with it. Never allocates memory for a length that a peer only declares.
/// After an error the decoder yields nothing more, because frame boundaries are unknown. Not copyable, because reading
/// a property of a copyable one in an object would copy it.
package struct FrameDecoder: ~Copyable {
    /// Maximum sizes in bytes.
    package struct Limits: Sendable, Hashable {
        /// Maximum body of a framed object.
        package var framed: Int
        /// Maximum object on one line.
        package var bare: Int

        package init(framed: Int, bare: Int) {
            self.framed = framed
            self.bare = bare
        }

        /// Default limits of the server: 1 MiB framed, 64 KiB on a line.
        package static let requests = Limits(framed: 1 << 20, bare: 64 << 10)
        /// Default limits of a client: 4 MiB in either form.
        package static let replies = Limits(framed: 4 << 20, bare: 4 << 20)
    }

    private enum State {
        /// Before a frame. Exits: a digit or '{' starts one, a line feed is skipped, any other byte is an error.
        case start
        /// After the length and its line feed. Exits: `start` with the frame when body and line feed are complete.
        case body(length: Int)
        /// In an object on one line; the first `scanned` bytes have no line feed. Exits: `start` with the frame.
        case line(scanned: Int)
        /// After an error. No exit.
        case failed
    }

    /// Maximum number of consecutive blank lines, which are ignored.
    package static let maximumBlankLines = 64

    private let limits: Limits
    private var state = State.start
    private var blankLines = 0
    private var buffer = ByteBuffer()

    package init(limits: Limits) { self.limits = limits }

    /// Whether there are no buffered bytes.
    package var isEmpty: Bool { buffer.readableBytes == 0 }

    /// Whether a frame has started and is incomplete.
    package var isInsideFrame: Bool {
        switch state {
        case .start: buffer.readableBytes > 0
        case .body, .line: true
        case .failed: false
        }
    }

    /// Bytes of memory allocated for incomplete frames.
    package var heldBytes: Int { buffer.storageCapacity }

    /// Appends bytes that were read.
    package mutating func append(_ bytes: consuming ByteBuffer) {
        if case .failed = state { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// Returns the next frame, or nil if more bytes are needed.
    ///
    /// - Throws: Once, at the first byte that is not part of a frame.
    package mutating func next() throws(FrameError) -> Frame? {
        // An empty buffer must not keep the memory of the read.
        defer { if buffer.readableBytes == 0 { buffer = ByteBuffer() } }
        do throws(FrameError) {
            while true {
                switch state {
                case .start:
                    guard try startFrame() else { return nil }
                case .body(let length):
                    return try finishBody(length)
                case .line(let scanned):
                    return try finishLine(scanned)
                case .failed:
                    return nil
                }
            }
        } catch {
            state = .failed
            buffer = ByteBuffer()
            throw error
        }
    }

    /// Marks the end of the stream.
    ///
    /// - Throws: If the stream ends inside a frame.
    package mutating func finish() throws(FrameError) {
        guard isInsideFrame else { return }
        let inLine = if case .line = state { true } else { false }
        state = .failed
        throw FrameError(
            inLine
                ? "the input ends before the line feed that ends a request on one line"
                : "the input ends inside a frame")
    }

    /// Recognises the form of the next frame; returns false if more bytes are needed.
    private mutating func startFrame() throws(FrameError) -> Bool {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return false }
        switch first {
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            guard let length = try readLength() else { return false }
            state = .body(length: length)
        case UInt8(ascii: "{"):
            state = .line(scanned: 0)
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            let carriageReturn = first == UInt8(ascii: "\r")
            if carriageReturn {
                guard let second = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt8.self) else { return false }
                guard second == UInt8(ascii: "\n") else {
                    throw FrameError(
                        "expected a line feed after a carriage return, found \(FrameError.name(of: second))")
                }
            }
            buffer.moveReaderIndex(forwardBy: carriageReturn ? 2 : 1)
            blankLines += 1
            guard blankLines <= Self.maximumBlankLines else {
                throw FrameError("more than \(Self.maximumBlankLines) blank lines in a row")
            }
            return true
        default:
            throw FrameError.foreign(first)
        }
        blankLines = 0
        return true
    }

    /// Reads the digits of the length and the line feed; returns nil if more bytes are needed.
    private mutating func readLength() throws(FrameError) -> Int? {
        var length = 0
        for index in 0...Frame.lengthDigits {
            guard let byte = buffer.getInteger(at: buffer.readerIndex + index, as: UInt8.self) else { return nil }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard index < Frame.lengthDigits else {
                    throw FrameError("a length has at most \(Frame.lengthDigits) digits")
                }
                length = length * 10 + Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "\n"):
                guard length <= limits.framed else {
                    throw FrameError("a body of \(length) bytes is over the cap of \(limits.framed)")
                }
                buffer.moveReaderIndex(forwardBy: index + 1)
                return length
            default:
                throw FrameError(
                    "expected digits and a line feed as length, found \(FrameError.name(of: byte)) after \(index) digits"
                )
            }
        }
        return nil
    }

    private mutating func finishBody(_ length: Int) throws(FrameError) -> Frame? {
        guard let terminator = buffer.getInteger(at: buffer.readerIndex + length, as: UInt8.self) else { return nil }
        guard terminator == UInt8(ascii: "\n"), let body = buffer.readSlice(length: length) else {
            throw FrameError(
                "expected a line feed after \(length) bytes of body, found \(FrameError.name(of: terminator)); "
                    + "the length counts bytes, not characters, and not the line feed")
        }
        buffer.moveReaderIndex(forwardBy: 1)
        state = .start
        return Frame(form: .framed, body: body)
    }

    private mutating func finishLine(_ scanned: Int) throws(FrameError) -> Frame? {
        let view = buffer.readableBytesView
        guard let end = view[(view.startIndex + scanned)...].firstIndex(of: UInt8(ascii: "\n")) else {
            // A carriage return before the line feed does not count.
            guard view.count <= limits.bare + 1 else { throw overCap() }
            state = .line(scanned: view.count)
            return nil
        }
        var length = end - view.startIndex
        if view[end - 1] == UInt8(ascii: "\r") { length -= 1 }
        guard length <= limits.bare, let body = buffer.readSlice(length: length) else { throw overCap() }
        buffer.moveReaderIndex(to: end + 1)
        state = .start
        return Frame(form: .bare, body: body)
    }

    private func overCap() -> FrameError {
        FrameError("an object on one line is over the cap of \(limits.bare) bytes; send it framed, length first")
    }
}
