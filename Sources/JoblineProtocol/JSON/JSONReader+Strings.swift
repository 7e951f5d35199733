// Strings and escapes.
extension JSONReader {
    enum StringContent {
        /// Offsets of the content, which has no escapes.
        case plain(Range<Int>)
        case decoded(String)
    }

    /// Reads a string.
    package mutating func string() throws(JSONError) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw try mismatch("a string") }
        switch try stringContent() {
        case .plain(let range): return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        case .decoded(let text): return text
        }
    }

    /// Reads a string without escapes.
    ///
    /// - Parameter make: Creates a value from the content.
    /// - Returns: nil if the next value is no such string, or if `make` returns nil; the position is then undefined.
    mutating func plainString<Value>(_ make: (UnsafeRawBufferPointer) -> Value?) throws(JSONError) -> Value? {
        guard try peek() == UInt8(ascii: "\""), case .plain(let range) = try stringContent() else { return nil }
        return make(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Reads the content of a string; the position is at the opening quote.
    @inline(__always)
    mutating func stringContent() throws(JSONError) -> StringContent {
        let start = position + 1
        let end = bytes.endOfPlain(from: start)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            return try stringContent(from: start, plainUntil: end)
        }
        position = end + 1
        return .plain(start..<end)
    }

    /// Reads a string with other than plain characters.
    ///
    /// - Parameter start: Offset after the opening quote.
    private mutating func stringContent(from start: Int, plainUntil end: Int) throws(JSONError) -> StringContent {
        position = end
        var ascii = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let range = start..<position
                if !ascii { try checkUTF8(range) }
                position += 1
                return .plain(range)
            }
            if byte == UInt8(ascii: "\\") { return .decoded(try escapedString(from: start)) }
            if byte < 0x20 { throw JSONError(.syntax, "a control character in a string", offset: position) }
            if byte >= 0x80 { ascii = false }
            position = bytes.endOfPlain(from: position + 1)
        }
        throw JSONError(.syntax, "a string without its closing quote", offset: start - 1)
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        guard String(validating: bytes[range], as: UTF8.self) != nil else {
            throw JSONError(.syntax, "a string that is not UTF-8", offset: range.lowerBound)
        }
    }

    /// Reads a string with escapes.
    ///
    /// - Parameter start: Offset after the opening quote.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text: [UInt8] = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let decoded = String(validating: text, as: UTF8.self) else {
                    throw JSONError(.syntax, "a string that is not UTF-8", offset: start)
                }
                return decoded
            case UInt8(ascii: "\\"):
                text.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            case 0..<0x20:
                throw JSONError(.syntax, "a control character in a string", offset: position - 1)
            default:
                text.append(byte)
            }
        }
        throw JSONError(.syntax, "a string without its closing quote", offset: start - 1)
    }

    /// Reads an escape; the position is after the backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let offset = position - 1
        guard position < bytes.count else { throw JSONError(.syntax, "the JSON text ends early", offset: position) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(.syntax, "an unknown escape in a string", offset: offset)
        }
        let unit = try hexadecimal4()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // First half of a surrogate pair; the second half must follow.
        guard unit < 0xDC00, position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.syntax, "a lone surrogate in a string", offset: offset) }
        position += 2
        let low = try hexadecimal4()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw JSONError(.syntax, "a lone surrogate in a string", offset: offset) }
        return scalar
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private mutating func hexadecimal4() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Self.hexadecimal(bytes[position]) else {
                throw JSONError(.syntax, "expected four hexadecimal digits after \\u", offset: position)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
