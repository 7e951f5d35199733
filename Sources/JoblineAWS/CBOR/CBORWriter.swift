internal import JoblineProtocol
internal import NIOCore

/// Writer of CBOR (RFC 8949) with definite lengths, which copies values from JSON.
struct CBORWriter {
    private enum Major: UInt8 {
        case unsigned, negative, bytes, text, array, map, tag, simple
    }

    private var bytes = ByteBuffer()
    /// Names of members whose numbers are times.
    private let timeMembers: Set<String>

    private init(timeMembers: Set<String>) { self.timeMembers = timeMembers }

    /// Copies a message.
    ///
    /// - Parameters:
    ///   - json: JSON object.
    ///   - timeMembers: Names of members whose numbers are seconds since 1970, written with tag 1.
    static func message(_ json: ByteBuffer, timeMembers: Set<String>) throws(JSONError) -> ByteBuffer {
        var writer = CBORWriter(timeMembers: timeMembers)
        try JSONReader.read(json) { (reader) throws(JSONError) in try writer.value(&reader) }
        return writer.bytes
    }

    /// - Parameter isTime: Whether a number is a time.
    private mutating func value(_ reader: inout JSONReader, isTime: Bool = false) throws(JSONError) {
        switch try reader.peek() {
        case UInt8(ascii: "{"): try map(&reader)
        case UInt8(ascii: "["): try array(&reader, areTimes: isTime)
        case UInt8(ascii: "\""): text(try reader.string())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): simple(try reader.bool() ? 21 : 20)
        case UInt8(ascii: "n"):
            _ = try reader.null()
            simple(22)
        default:
            if isTime { head(.tag, 1) }
            try number(&reader)
        }
    }

    private mutating func map(_ reader: inout JSONReader) throws(JSONError) {
        // Read once to count: lengths come before their elements.
        var (ahead, count) = (reader, UInt64(0))
        try ahead.members { (reader, _) throws(JSONError) in
            try reader.skip()
            count += 1
        }
        head(.map, count)
        try reader.members { (reader, key) throws(JSONError) in
            let name = key.name
            text(name)
            try value(&reader, isTime: timeMembers.contains(name))
        }
    }

    private mutating func array(_ reader: inout JSONReader, areTimes: Bool) throws(JSONError) {
        var (ahead, count) = (reader, UInt64(0))
        try ahead.array { (reader) throws(JSONError) in
            try reader.skip()
            count += 1
        }
        head(.array, count)
        try reader.array { (reader) throws(JSONError) in try value(&reader, isTime: areTimes) }
    }

    private mutating func number(_ reader: inout JSONReader) throws(JSONError) {
        var ahead = reader
        if let integer = try? ahead.integer() {
            reader = ahead
            head(integer < 0 ? .negative : .unsigned, integer < 0 ? UInt64(-1 - integer) : UInt64(integer))
        } else {
            bytes.writeInteger(Major.simple.rawValue << 5 | 27)
            bytes.writeInteger(try reader.double().bitPattern)
        }
    }

    private mutating func text(_ text: String) {
        head(.text, UInt64(text.utf8.count))
        bytes.writeString(text)
    }

    private mutating func simple(_ value: UInt8) { bytes.writeInteger(Major.simple.rawValue << 5 | value) }

    /// Writes the shortest head with an argument.
    private mutating func head(_ major: Major, _ argument: UInt64) {
        let major = major.rawValue << 5
        switch argument {
        case 0..<24: bytes.writeInteger(major | UInt8(argument))
        case 24...UInt64(UInt8.max):
            bytes.writeInteger(major | 24)
            bytes.writeInteger(UInt8(argument))
        case 256...UInt64(UInt16.max):
            bytes.writeInteger(major | 25)
            bytes.writeInteger(UInt16(argument))
        case 65_536...UInt64(UInt32.max):
            bytes.writeInteger(major | 26)
            bytes.writeInteger(UInt32(argument))
        default:
            bytes.writeInteger(major | 27)
            bytes.writeInteger(argument)
        }
    }
}
