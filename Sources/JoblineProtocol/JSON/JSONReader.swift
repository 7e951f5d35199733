package import NIOCore

/// Single-pass reader of a JSON text in the bytes of a frame.
///
/// Strict RFC 8259 with these choices: at most ``maximumDepth`` levels; UTF-8 without byte order mark; no lone
/// surrogates; no trailing bytes; integers within ±``maximumInteger``; no repeated name in an object. Skipped values
/// are only checked for syntax. A member whose value is `null` counts as absent.
///
/// The reader points into the buffer and is only valid inside ``read(_:_:)``.
package struct JSONReader {
    /// Maximum nesting depth of objects and arrays.
    package static let maximumDepth = 64
    /// Largest integer that every JSON implementation represents exactly: 2^53 - 1.
    package static let maximumInteger: Int64 = 1 << 53 - 1

    let bytes: UnsafeRawBufferPointer
    var position = 0
    var depth = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads the whole `buffer` as one JSON text.
    ///
    /// - Parameters:
    ///   - buffer: Text; only white space can follow it.
    ///   - body: Reads the outermost value.
    /// - Returns: Value returned by `body`.
    /// - Throws: First error, with path and offset.
    package static func read<Value>(
        _ buffer: ByteBuffer, _ body: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        try buffer.withUnsafeReadableBytes { (bytes) throws(JSONError) in
            var reader = JSONReader(bytes)
            try reader.refuseByteOrderMark()
            let value = try body(&reader)
            try reader.end()
            return value
        }
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
    /// Reads an object and passes each member whose value is not `null` to `member`.
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

    /// Reads an object and passes every member to `member`, including those with the value `null`.
    package mutating func members(
        _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try entries { (reader, key) throws(JSONError) in
            guard !key.isRepeated else { throw JSONError(.repeated, "appears twice", offset: reader.offset) }
            try member(&reader, key)
        }
    }

    /// Reads an object and passes every member to `member`, including repeated names, which are marked in the key.
    package mutating func entries(
        _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        var names = JSONNames()
        defer { names.free() }
        while let key = try key(&names) {
            do throws(JSONError) {
                try member(&self, key)
            } catch {
                throw error.code == .syntax ? error : error.inside(.member(key.shownName))
            }
        }
    }

    /// Reads an array; calls `element` once for each value.
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

    /// Skips `null` and returns true, if it is the next value.
    package mutating func null() throws(JSONError) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Returns the first byte of the next value without consuming it.
    @inline(__always)
    package mutating func peek() throws(JSONError) -> UInt8 {
        if position < bytes.count, bytes[position] > 0x20 { return bytes[position] }
        return try peekBehindSpace()
    }

    private mutating func peekBehindSpace() throws(JSONError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.syntax, "the JSON text ends early", offset: position) }
        return bytes[position]
    }

    /// Skips one value of any type and checks its syntax.
    ///
    /// - Returns: Offsets of the value in the text.
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
            _ = try name()
            try skip()
        }
    }

    /// Copies a number, `true`, `false` or `null`. Numbers outside the range of a double are refused.
    mutating func copyScalar(to writer: inout JSONWriter) throws(JSONError) {
        var ahead = self
        let text = bytes[try skip()]
        // Without an exponent, only a number of more digits can exceed the range of a double.
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

    /// Returns true if another member or element follows; otherwise skips the bracket and returns false.
    @inline(__always)
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

    /// Reads the name of the next member; at the end, skips the bracket and returns nil.
    private mutating func key(_ names: inout JSONNames) throws(JSONError) -> JSONKey? {
        guard try more(until: UInt8(ascii: "}"), first: names.isEmpty) else { return nil }
        var key =
            switch try name() {
            case .plain(let range): JSONKey(UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .decoded(let name): JSONKey(names.keep(name))
            }
        key.isRepeated = !names.insert(key)
        return key
    }

    /// Reads the name of a member and its colon.
    @inline(__always)
    private mutating func name() throws(JSONError) -> StringContent {
        guard try peek() == UInt8(ascii: "\"") else {
            throw JSONError(.syntax, "expected the name of a member in double quotes", offset: position)
        }
        let name = try stringContent()
        guard try peek() == UInt8(ascii: ":") else {
            throw JSONError(.syntax, "expected ':' after the name of a member", offset: position)
        }
        position += 1
        return name
    }

    mutating func literal(_ text: StaticString) throws(JSONError) {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count,
            UnsafeRawBufferPointer(rebasing: bytes[position..<end]).hasSameBytes(as: text.bytes)
        else {
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

    /// Returns a type error if the next value is well formed; otherwise throws its syntax error.
    mutating func mismatch(_ expected: String) throws(JSONError) -> JSONError {
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
