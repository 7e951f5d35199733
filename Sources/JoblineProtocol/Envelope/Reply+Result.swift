package import NIOCore

extension Frame {
    static let beforeID: StaticString = #"{"jsonrpc":"2.0","id":"#
    static let beforeResult: StaticString = #","result":"#
    private static let beforeError: StaticString = #","error":"#
    private static let beforeMethod: StaticString = #"{"jsonrpc":"2.0","method":""#
    private static let beforeParams: StaticString = #"","params":"#
    private static let beforeWatch: StaticString = #","watch":"#

    /// Appends a final reply whose outcome is already compact JSON. Needs no buffer of its own.
    ///
    /// - Parameters:
    ///   - form: Form of the frame.
    ///   - id: Id of the request; nil is written as null.
    ///   - outcome: Result or error.
    ///   - isError: Whether the outcome is an error.
    ///   - buffer: Buffer to append to.
    /// - Returns: Number of bytes appended.
    @discardableResult
    package static func append(
        _ form: Form, id: RequestID?, _ outcome: UnsafeRawBufferPointer, isError: Bool, to buffer: inout ByteBuffer
    ) -> Int {
        let id = WrittenID(id)
        let beforeOutcome = isError ? beforeError : beforeResult
        let count = beforeID.utf8CodeUnitCount + id.count + beforeOutcome.utf8CodeUnitCount + outcome.count + 1
        return append(form, bodyBytes: count, to: &buffer) { writer in
            writer.put(beforeID)
            writer.put(id)
            writer.put(beforeOutcome)
            writer.put(outcome)
            writer.put("}" as StaticString)
        }
    }

    /// Returns the number of bytes that a reply adds to its result.
    ///
    /// - Parameter id: Id of the request; nil is written as null.
    package static func bytes(aroundResultOf id: RequestID?) -> Int {
        beforeID.utf8CodeUnitCount + WrittenID(id).count + beforeResult.utf8CodeUnitCount + 1
    }

    /// Appends a notification of a watch, whose params are already compact JSON. Needs no buffer of its own.
    ///
    /// - Parameters:
    ///   - form: Form of the frame.
    ///   - notification: Name of the notification.
    ///   - params: Params without `watch`; an object that is not empty.
    ///   - watch: Id of the watch, appended as the last member; nil for none.
    ///   - buffer: Buffer to append to.
    package static func append(
        _ form: Form, notification: String, _ params: UnsafeRawBufferPointer, watch: RequestID?,
        to buffer: inout ByteBuffer
    ) {
        let watch = watch.map { WrittenID($0) }
        let params = UnsafeRawBufferPointer(rebasing: params.dropLast())
        var count = beforeMethod.utf8CodeUnitCount + notification.utf8.count + beforeParams.utf8CodeUnitCount
        count += params.count + 2
        if let watch { count += beforeWatch.utf8CodeUnitCount + watch.count }
        append(form, bodyBytes: count, to: &buffer) { writer in
            writer.put(beforeMethod)
            writer.put(notification)
            writer.put(beforeParams)
            writer.put(params)
            if let watch {
                writer.put(beforeWatch)
                writer.put(watch)
            }
            writer.put("}}" as StaticString)
        }
    }

    /// Appends an object of known size.
    ///
    /// - Parameters:
    ///   - bodyBytes: Size of the object in bytes.
    ///   - write: Writes exactly that number of bytes.
    /// - Returns: Number of bytes appended.
    @inline(__always)
    @discardableResult
    static func append(
        _ form: Form, bodyBytes: Int, to buffer: inout ByteBuffer,
        _ write: (inout ByteWriter) -> Void
    ) -> Int {
        buffer.append(atMost: ByteWriter.longestNumber + bodyBytes + 2) { writer in
            if form == .framed {
                writer.put(Int64(bodyBytes))
                writer.put(UInt8(ascii: "\n"))
            }
            write(&writer)
            writer.put(UInt8(ascii: "\n"))
        }
    }
}

/// Encoded id of a request. Most ids are numbers, which need no allocation.
private enum WrittenID {
    case number(Int64)
    case text(ByteBuffer)

    init(_ id: RequestID?) {
        if case .integer(let number) = id {
            self = .number(number)
        } else {
            var writer = JSONWriter()
            if let id { id.write(to: &writer) } else { writer.null() }
            self = .text(writer.finish())
        }
    }

    /// Number of bytes.
    var count: Int {
        switch self {
        case .number(let number): ByteWriter.count(of: number)
        case .text(let text): text.readableBytes
        }
    }
}

extension ByteWriter {
    fileprivate mutating func put(_ id: WrittenID) {
        switch id {
        case .number(let number): put(number)
        case .text(let text): text.withUnsafeReadableBytes { put($0) }
        }
    }
}
