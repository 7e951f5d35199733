package import NIOCore

/// Reads one JSON text in one pass, straight from the bytes of a frame.
///
/// Strict RFC 8259, and where that leaves a choice: at most ``maximumDepth`` levels, UTF-8 only and without byte order mark, no
/// lone surrogates, no trailing bytes, integers within ±``maximumInteger``, no name twice in an object that is read. Of what
/// is skipped only the grammar counts. A member whose value is `null` counts as absent.
///
/// The reader points into the buffer and exists only inside ``read(_:_:)``.
package struct JSONReader {
    /// How many objects and arrays may be nested in one another.
    package static let maximumDepth = 64
    /// The integers up to here are those that every JSON implementation holds exactly: 2^53 - 1.
    package static let maximumInteger: Int64 = 1 << 53 - 1

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads the whole of `buffer` as one JSON text.
    ///
    /// - Parameters:
    ///   - buffer: The text; nothing may follow it but white space.
    ///   - body: Reads the outermost value.
    /// - Returns: What `body` returned.
    /// - Throws: The first failure, with its path and offset.
    package static func read<Value>(
        _ buffer: ByteBuffer, _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        let outcome: Result<Value, JSONError> = buffer.withUnsafeReadableBytes { bytes in
            var reader = JSONReader(bytes)
            do throws(JSONError) {
                try reader.refuseByteOrderMark()
                let value = try body(&reader)
                try reader.end()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Offset of the next byte from the start of the text.
    package var offset: Int { position }

    private func refuseByteOrderMark() throws(JSONError) {
        guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        throw JSONError(.syntax, "a byte order mark; send UTF-8 without one", offset: 0)
    }

    private func end() throws(JSONError) {
        var rest = self
        rest.skipSpace()
        guard rest.position == bytes.count else {
            throw JSONError(.syntax, "bytes after the end of the JSON text", offset: rest.position)
        }
    }
}

// MARK: - Objects and arrays

extension JSONReader {
    /// Reads an object, handing each member with a value other than `null` to `member`.
    ///
    /// `member` reads exactly one value, or calls ``skip()``.
    package mutating func object(
        _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try members { (reader, key) throws(JSONError) in
            if try reader.null() { return }
            try member(&reader, key)
        }
    }

    /// Reads an object, handing every member to `member`, those with the value `null` too.
    package mutating func members(
        _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try entries { (reader, key) throws(JSONError) in
            guard !key.isRepeated else { throw JSONError(.repeated, "is there twice", offset: reader.offset) }
            try member(&reader, key)
        }
    }

    /// Reads an object, handing every member to `member`, those too whose key says that the name was there before.
    package mutating func entries(
        _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        var names = JSONNames()
        var first = true
        while try more(until: UInt8(ascii: "}"), first: first) {
            first = false
            var key = try self.key()
            key.isRepeated = !names.insert(key)
            do throws(JSONError) {
                try member(&self, key)
            } catch {
                throw error.code == .syntax ? error : error.inside(.member(key.shownName))
            }
        }
    }

    /// Reads an array, calling `element` once for each of its values.
    package mutating func array(
        _ element: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "["), "an array")
        var index = 0
        while try more(until: UInt8(ascii: "]"), first: index == 0) {
            do throws(JSONError) {
                try element(&self)
            } catch {
                throw error.code == .syntax ? error : error.inside(.index(index))
            }
            index += 1
        }
    }

    /// True, and past it, if the next value is `null`.
    package mutating func null() throws(JSONError) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// The first byte of the next value, which is not consumed.
    package mutating func peek() throws(JSONError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.syntax, "the JSON text ends early", offset: position) }
        return bytes[position]
    }

    /// Reads past one value of any type, checking its grammar.
    ///
    /// - Returns: The offsets of the value's bytes in the text.
    @discardableResult
    package mutating func skip() throws(JSONError) -> Range<Int> {
        let first = try peek()
        let start = position
        switch first {
        case UInt8(ascii: "{"): try skipObject()
        case UInt8(ascii: "["): try array { (reader) throws(JSONError) in _ = try reader.skip() }
        case UInt8(ascii: "\""): _ = try stringContent()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
        return start..<position
    }

    private mutating func skipObject() throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        var first = true
        while try more(until: UInt8(ascii: "}"), first: first) {
            first = false
            _ = try key()
            try skip()
        }
    }

    /// Reads a number, `true`, `false` or `null`, and writes its text; of numbers only those that a double can hold.
    mutating func copyScalar(to writer: inout JSONWriter) throws(JSONError) {
        var ahead = self
        let text = bytes[try skip()]
        // Without an exponent it takes more digits than this to leave the range of a double.
        if text.count > 300 || text.contains(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }),
            text.first.map({ $0 <= UInt8(ascii: "9") }) == true
        {
            _ = try ahead.double()
        }
        writer.raw(text)
    }

    private mutating func open(_ bracket: UInt8, _ expected: String) throws(JSONError) {
        guard try peek() == bracket else { throw try mismatch(expected) }
        guard depth < Self.maximumDepth else {
            throw JSONError(.syntax, "nested deeper than \(Self.maximumDepth) levels", offset: position)
        }
        depth += 1
        position += 1
    }

    /// True if another member or element follows; false, and past the bracket, at the end.
    private mutating func more(until bracket: UInt8, first: Bool) throws(JSONError) -> Bool {
        let byte = try peek()
        if byte == bracket {
            position += 1
            depth -= 1
            return false
        }
        if first { return true }
        guard byte == UInt8(ascii: ",") else {
            throw JSONError(.syntax, "expected ',' or '\(Character(Unicode.Scalar(bracket)))'", offset: position)
        }
        position += 1
        guard try peek() != bracket else { throw JSONError(.syntax, "a comma before the end", offset: position) }
        return true
    }

    private mutating func key() throws(JSONError) -> JSONKey {
        guard try peek() == UInt8(ascii: "\"") else {
            throw JSONError(.syntax, "expected the name of a member in double quotes", offset: position)
        }
        let key: JSONKey =
            switch try stringContent() {
            case .plain(let range): JSONKey(plain: UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .decoded(let name): JSONKey(decoded: name)
            }
        guard try peek() == UInt8(ascii: ":") else {
            throw JSONError(.syntax, "expected ':' after the name of a member", offset: position)
        }
        position += 1
        return key
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        let end = position + text.utf8CodeUnitCount
        let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else {
            throw JSONError(.syntax, "expected a JSON value", offset: position)
        }
        position = end
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// A type error if the next value is well formed, else its syntax error.
    private mutating func mismatch(_ expected: String) throws(JSONError) -> JSONError {
        let offset = position
        let found: String =
            switch bytes[position] {
            case UInt8(ascii: "{"): "an object"
            case UInt8(ascii: "["): "an array"
            case UInt8(ascii: "\""): "a string"
            case UInt8(ascii: "t"), UInt8(ascii: "f"): "a boolean"
            case UInt8(ascii: "n"): "null"
            default: "a number"
            }
        try skip()
        return JSONError(.type, "expected \(expected), found \(found)", offset: offset)
    }
}

// MARK: - Strings

extension JSONReader {
    private enum StringContent {
        /// Offsets of the bytes between the quotes, which hold no escapes.
        case plain(Range<Int>)
        case decoded(String)
    }

    /// Reads a string.
    package mutating func string() throws(JSONError) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw try mismatch("a string") }
        switch try stringContent() {
        case .plain(let range): return String(decoding: bytes[range], as: UTF8.self)
        case .decoded(let text): return text
        }
    }

    /// Reads what stands between the quotes; the position is on the opening one.
    private mutating func stringContent() throws(JSONError) -> StringContent {
        position += 1
        let start = position
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
            position += 1
        }
        throw JSONError(.syntax, "a string without its closing quote", offset: start - 1)
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        guard String(validating: bytes[range], as: UTF8.self) != nil else {
            throw JSONError(.syntax, "a string that is not UTF-8", offset: range.lowerBound)
        }
    }

    /// Reads a string that holds escapes; `start` is the offset after its opening quote.
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

    /// Reads one escape; the position is behind its backslash.
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
        // Not a scalar by itself: the first half of a surrogate pair, whose second half has to follow.
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

// MARK: - Numbers and booleans

extension JSONReader {
    /// Reads `true` or `false`.
    package mutating func bool() throws(JSONError) -> Bool {
        switch try peek() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default: throw try mismatch("a boolean")
        }
    }

    /// Reads a number without fraction and exponent, within ±``maximumInteger``.
    package mutating func integer() throws(JSONError) -> Int64 {
        let range = try numberRange("an integer")
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let digits = bytes[range].dropFirst(isNegative ? 1 : 0)
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw JSONError(
                .type, "expected an integer, found a fraction or an exponent", offset: range.lowerBound)
        }
        // The grammar has no leading zeros, so that more digits are a greater number.
        let magnitude = digits.prefix(17).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        guard magnitude <= Self.maximumInteger else {
            throw JSONError(.range, "an integer beyond ±(2^53 - 1)", offset: range.lowerBound)
        }
        return isNegative ? -magnitude : magnitude
    }

    /// Reads a number as the nearest double.
    package mutating func double() throws(JSONError) -> Double {
        let range = try numberRange("a number")
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
            throw JSONError(.range, "a number beyond the range of a double", offset: range.lowerBound)
        }
        return value
    }

    private mutating func numberRange(_ expected: String) throws(JSONError) -> Range<Int> {
        switch try peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw try mismatch(expected)
        }
    }

    /// Reads past a number, checking its grammar.
    private mutating func number() throws(JSONError) -> Range<Int> {
        let start = position
        if at(UInt8(ascii: "-")) { position += 1 }
        if at(UInt8(ascii: "0")) {
            position += 1
        } else {
            try digits(start)
        }
        if at(UInt8(ascii: ".")) {
            position += 1
            try digits(start)
        }
        if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
            position += 1
            if at(UInt8(ascii: "+")) || at(UInt8(ascii: "-")) { position += 1 }
            try digits(start)
        }
        return start..<position
    }

    private mutating func digits(_ start: Int) throws(JSONError) {
        let first = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > first else { throw JSONError(.syntax, "expected a JSON value", offset: start) }
    }

    private func at(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
}
