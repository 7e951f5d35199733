internal import JoblineProtocol
internal import NIOCore

/// Reader of CBOR (RFC 8949) as rpc-v2-cbor has it, which copies values to JSON.
///
/// Lengths that a peer declares allocate nothing: every byte that is copied was received.
struct CBORReader {
    /// Maximum nesting depth, as of JSON.
    private static let maximumDepth = JSONReader.maximumDepth

    private enum Major: UInt8 {
        case unsigned, negative, bytes, text, array, map, tag, simple
    }

    /// Initial byte of a data item, with its argument.
    private struct Head {
        let major: Major
        /// Lower five bits of the initial byte.
        let info: UInt8
        /// Argument; nil for an indefinite length.
        let argument: UInt64?
    }

    private static let stop: UInt8 = 0xFF

    private var bytes: ByteBuffer
    private var depth = 0

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    /// Copies a whole message.
    ///
    /// - Returns: Compact JSON of the map.
    /// - Throws: If the message is not one map of values that JSON has.
    static func json(of message: ByteBuffer) throws(AWSRefusal) -> JSONWriter {
        var reader = CBORReader(message)
        var writer = JSONWriter()
        guard let first = message.getInteger(at: message.readerIndex, as: UInt8.self), first >> 5 == Major.map.rawValue
        else { throw .serialization("the body is no CBOR map") }
        try reader.value(&writer)
        guard reader.bytes.readableBytes == 0 else { throw .serialization("bytes after the end of the CBOR map") }
        return writer
    }

    // MARK: Values

    private mutating func value(_ writer: inout JSONWriter) throws(AWSRefusal) {
        let head = try head()
        switch head.major {
        case .unsigned: writer.integer(try integer(head))
        case .negative: writer.integer(try negative(head))
        case .bytes: throw .serialization("a byte string: no member has this type")
        case .text: writer.string(try text(head))
        case .array: try array(head, &writer)
        case .map: try map(head, &writer)
        case .tag: try time(head, &writer)
        case .simple: try simple(head, &writer)
        }
    }

    private mutating func array(_ head: Head, _ writer: inout JSONWriter) throws(AWSRefusal) {
        try nested { (reader) throws(AWSRefusal) in
            try writer.array { (writer) throws(AWSRefusal) in
                var left = head.argument
                while try reader.more(&left) { try reader.value(&writer) }
            }
        }
    }

    private mutating func map(_ head: Head, _ writer: inout JSONWriter) throws(AWSRefusal) {
        try nested { (reader) throws(AWSRefusal) in
            try writer.object { (writer) throws(AWSRefusal) in
                var left = head.argument
                while try reader.more(&left) {
                    let key = try reader.head()
                    guard key.major == .text else { throw .serialization("the name of a member is no text string") }
                    writer.name(try reader.text(key))
                    try reader.value(&writer)
                }
            }
        }
    }

    /// Whether the array or map has another element.
    ///
    /// - Parameter left: Number of elements left; nil for an indefinite length.
    private mutating func more(_ left: inout UInt64?) throws(AWSRefusal) -> Bool {
        if let count = left {
            left = count &- 1
            return count > 0
        }
        guard let next = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { throw Self.early }
        guard next == Self.stop else { return true }
        bytes.moveReaderIndex(forwardBy: 1)
        return false
    }

    private mutating func nested(_ body: (inout CBORReader) throws(AWSRefusal) -> Void) throws(AWSRefusal) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw .serialization("more than \(Self.maximumDepth) levels of arrays and maps")
        }
        try body(&self)
        depth -= 1
    }

    /// Copies a time: tag 1 with seconds since 1970.
    private mutating func time(_ head: Head, _ writer: inout JSONWriter) throws(AWSRefusal) {
        guard head.argument == 1 else {
            throw .serialization("tag \(head.argument.map(String.init) ?? "?"): only times have a tag, which is 1")
        }
        let content = try self.head()
        switch content.major {
        case .unsigned: writer.integer(try integer(content))
        case .negative: writer.integer(try negative(content))
        case .simple:
            guard let seconds = try float(content) else { throw .serialization("the content of tag 1 is no number") }
            writer.double(seconds)
        case .bytes, .text, .array, .map, .tag: throw .serialization("the content of tag 1 is no number")
        }
    }

    private mutating func simple(_ head: Head, _ writer: inout JSONWriter) throws(AWSRefusal) {
        switch head.info {
        case 20: writer.bool(false)
        case 21: writer.bool(true)
        case 22, 23: writer.null()
        default:
            guard let number = try float(head) else { throw .serialization("simple value \(head.info) has no meaning") }
            writer.double(number)
        }
    }

    /// Returns a floating-point number; nil for another simple value.
    private func float(_ head: Head) throws(AWSRefusal) -> Double? {
        guard let argument = head.argument else { return nil }
        let number: Double
        switch head.info {
        case 25: number = Self.half(UInt16(truncatingIfNeeded: argument))
        case 26: number = Double(Float(bitPattern: UInt32(truncatingIfNeeded: argument)))
        case 27: number = Double(bitPattern: argument)
        default: return nil
        }
        guard number.isFinite else { throw .serialization("a number that is not finite") }
        return number
    }

    /// Converts a half-precision number, for which some processors have no instructions.
    private static func half(_ bits: UInt16) -> Double {
        let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
        let magnitude: Double =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
            }
        return bits >> 15 == 0 ? magnitude : -magnitude
    }

    private func integer(_ head: Head) throws(AWSRefusal) -> Int64 {
        guard let argument = head.argument, argument <= UInt64(JSONReader.maximumInteger) else {
            throw .serialization("an integer beyond ±(2^53 - 1)")
        }
        return Int64(argument)
    }

    private func negative(_ head: Head) throws(AWSRefusal) -> Int64 {
        let number = -1 - (try integer(head))
        guard number >= -JSONReader.maximumInteger else { throw .serialization("an integer beyond ±(2^53 - 1)") }
        return number
    }

    private mutating func text(_ head: Head) throws(AWSRefusal) -> String {
        guard head.argument == nil else { return try chunk(head) }
        var text = ""
        var none: UInt64?
        while try more(&none) {
            let part = try self.head()
            guard part.major == .text, part.argument != nil else {
                throw .serialization("a part of a text string is no text string of definite length")
            }
            text += try chunk(part)
        }
        return text
    }

    private mutating func chunk(_ head: Head) throws(AWSRefusal) -> String {
        guard let count = head.argument.flatMap({ Int(exactly: $0) }), let slice = bytes.readSlice(length: count) else {
            throw Self.early
        }
        guard let text = String(validating: slice.readableBytesView, as: UTF8.self) else {
            throw .serialization("a text string that is not UTF-8")
        }
        return text
    }

    // MARK: Heads

    private mutating func head() throws(AWSRefusal) -> Head {
        guard let first: UInt8 = bytes.readInteger() else { throw Self.early }
        guard let major = Major(rawValue: first >> 5) else { throw Self.early }
        let info = first & 0x1F
        let argument: UInt64?
        switch info {
        case 0..<24: argument = UInt64(info)
        case 24: argument = bytes.readInteger(as: UInt8.self).map(UInt64.init)
        case 25: argument = bytes.readInteger(as: UInt16.self).map(UInt64.init)
        case 26: argument = bytes.readInteger(as: UInt32.self).map(UInt64.init)
        case 27: argument = bytes.readInteger(as: UInt64.self)
        case 31:
            switch major {
            case .text, .array, .map, .bytes: return Head(major: major, info: info, argument: nil)
            case .unsigned, .negative, .tag, .simple: throw .serialization("an end of an array or map that is not open")
            }
        default: throw .serialization("additional information \(info) is reserved")
        }
        guard let argument else { throw Self.early }
        return Head(major: major, info: info, argument: argument)
    }

    private static let early = AWSRefusal.serialization("the CBOR body ends early")
}
