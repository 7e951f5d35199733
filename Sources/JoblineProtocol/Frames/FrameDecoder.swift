package import NIOCore

/// Finds the frames in a byte stream, however it is cut into reads.
///
/// Holds no more than one frame and what came after it in the same reads; never allocates for a length that a peer only declared.
/// After an error the stream cannot be understood any more, and the decoder yields nothing. It cannot be copied, because to read
/// a property of one that an object holds would copy it each time.
package struct FrameDecoder: ~Copyable {
    /// The largest bodies to accept, in bytes.
    package struct Limits: Sendable, Hashable {
        /// Largest body of a framed object.
        package var framed: Int
        /// Largest object on one line.
        package var bare: Int

        package init(framed: Int, bare: Int) {
            self.framed = framed
            self.bare = bare
        }

        /// What the server accepts by default: 1 MiB framed, 64 KiB on a line.
        package static let requests = Limits(framed: 1 << 20, bare: 64 << 10)
        /// What a client accepts by default: 4 MiB in either form.
        package static let replies = Limits(framed: 4 << 20, bare: 4 << 20)
    }

    private enum State {
        /// Before a frame. Exits: a digit or '{' starts one, a line feed is skipped, any other byte fails.
        case start
        /// Behind the digits and line feed of a length. Exits: `start` with the frame once body and line feed are there.
        case body(length: Int)
        /// In an object on one line, of which `scanned` bytes hold no line feed. Exits: `start` with the frame.
        case line(scanned: Int)
        /// After an error. No exit.
        case failed
    }

    /// Blank lines in a row that are ignored.
    package static let maximumBlankLines = 64

    private let limits: Limits
    private var state = State.start
    private var blankLines = 0
    private var buffer = ByteBuffer()

    package init(limits: Limits) { self.limits = limits }

    /// True if no bytes are there that were not taken.
    package var isEmpty: Bool { buffer.readableBytes == 0 }

    /// True while a frame has begun and is not complete.
    package var isInsideFrame: Bool {
        switch state {
        case .start: buffer.readableBytes > 0
        case .body, .line: true
        case .failed: false
        }
    }

    /// Bytes of memory that are held for what is not complete.
    package var heldBytes: Int { buffer.storageCapacity }

    /// Takes bytes as they were read.
    package mutating func append(_ bytes: consuming ByteBuffer) {
        if case .failed = state { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame, or nil until more bytes are there.
    ///
    /// - Throws: Once, where the stream stops being a sequence of frames.
    package mutating func next() throws(FrameError) -> Frame? {
        // What was read into is not kept while nothing is there.
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

    /// Tells the decoder that no more bytes will come.
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

    /// Decides what the next frame is; false until more bytes are there.
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

    /// The length in digits and its line feed; nil until they are there.
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
            // The carriage return before the line feed does not count.
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
