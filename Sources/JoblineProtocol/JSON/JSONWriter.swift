package import NIOCore

/// Writer of compact JSON without raw line feeds.
///
/// Calls must result in well-formed JSON: values only at the top level, in arrays, and through ``member(_:_:)`` in
/// objects.
package struct JSONWriter {
    /// Written text, appended to the initial content of the buffer.
    package private(set) var buffer: ByteBuffer
    private var needsComma = false

    package init(into buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    /// Returns the buffer, whose only owner is then the caller.
    package consuming func finish() -> ByteBuffer { buffer }

    /// Bytes written, including the initial content of the buffer.
    package var count: Int { buffer.readableBytes }

    /// Position in the text for ``rewind(to:)``.
    package struct Mark: Sendable {
        fileprivate let index: Int
        fileprivate let needsComma: Bool
    }

    /// Current position.
    package var mark: Mark { Mark(index: buffer.writerIndex, needsComma: needsComma) }

    /// Removes everything written since a mark in the same array or object.
    package mutating func rewind(to mark: Mark) {
        buffer.moveWriterIndex(to: mark.index)
        needsComma = mark.needsComma
    }

    /// Appends at most `count` bytes.
    mutating func append(atMost count: Int, _ put: (inout ByteWriter) -> Void) { buffer.append(atMost: count, put) }

    private mutating func append(_ head: StaticString, _ text: UnsafeRawBufferPointer, _ tail: StaticString) {
        append(atMost: head.utf8CodeUnitCount + text.count + tail.utf8CodeUnitCount) { bytes in
            bytes.put(head)
            bytes.put(text)
            bytes.put(tail)
        }
    }

    private mutating func append(_ byte: UInt8) { append(atMost: 1) { $0.put(byte) } }

    /// Writes an object whose members `content` writes.
    @inlinable
    package mutating func object<Failure>(_ content: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "{"))
        try content(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes an array whose elements `content` writes.
    @inlinable
    package mutating func array<Failure>(_ content: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "["))
        try content(&self)
        close(UInt8(ascii: "]"))
    }

    /// Writes a member; nothing if `value` is nil, because absent members are never written as null.
    @inlinable
    package mutating func member(_ name: StaticString, _ value: (some JSONEncodable)?) {
        guard let value else { return }
        key(name)
        value.write(to: &self)
    }

    /// Writes the name of a member; its value must follow.
    package mutating func key(_ name: StaticString) {
        append(needsComma ? ",\"" : "\"", name.bytes, "\":")
        needsComma = false
    }

    /// Writes a member whose name is only known at run time.
    package mutating func member(named name: String, _ value: some JSONEncodable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes the name of a member, known only at run time; its value must follow.
    package mutating func name(_ name: String) {
        var name = name
        name.withUTF8 { self.name(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Writes the name of a member from its bytes; its value must follow.
    mutating func name(utf8: UnsafeRawBufferPointer) {
        string(utf8: utf8)
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { escape(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string from bytes; replaces invalid UTF-8.
    package mutating func string(utf8: UnsafeRawBufferPointer) {
        if utf8.endOfPlain() == utf8.count { escape(utf8) } else { string(String(decoding: utf8, as: UTF8.self)) }
    }

    /// Writes a string from valid UTF-8.
    private mutating func escape(_ utf8: UnsafeRawBufferPointer) {
        var index = utf8.endOfPlain()
        guard index < utf8.count else {
            append(needsComma ? ",\"" : "\"", utf8, "\"")
            needsComma = true
            return
        }
        separate()
        append(UInt8(ascii: "\""))
        var start = 0
        while index < utf8.count {
            let byte = utf8[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: utf8[start..<index]))
                escape(byte)
                start = index + 1
            }
            index = utf8.endOfPlain(from: index + 1)
        }
        append("", UnsafeRawBufferPointer(rebasing: utf8[start...]), "\"")
        needsComma = true
    }

    package mutating func integer(_ value: Int64) { number { $0.put(value) } }

    /// Writes thousandths as a decimal number.
    mutating func thousandths(_ value: Int64) { number { $0.put(thousandths: value) } }

    private mutating func number(_ put: (inout ByteWriter) -> Void) {
        let needsComma = needsComma
        append(atMost: ByteWriter.longestNumber + 1) { bytes in
            if needsComma { bytes.put(UInt8(ascii: ",")) }
            put(&bytes)
        }
        self.needsComma = true
    }

    /// Writes a finite number. Others have no JSON form and are written as 0.
    package mutating func double(_ value: Double) {
        separate()
        buffer.writeString(value.isFinite ? value.description : "0")
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
        needsComma = true
    }

    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
        needsComma = true
    }

    /// Writes compact JSON unchanged.
    package mutating func raw(_ json: ByteBuffer) {
        separate()
        buffer.writeImmutableBuffer(json)
        needsComma = true
    }

    /// Writes compact JSON unchanged.
    mutating func raw(_ json: Slice<UnsafeRawBufferPointer>) {
        separate()
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: json))
        needsComma = true
    }

    @usableFromInline
    mutating func open(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    /// Writes the members of a compact JSON object.
    package mutating func members(of object: UnsafeRawBufferPointer) {
        guard object.count > 2 else { return }
        separate()
        append("", UnsafeRawBufferPointer(rebasing: object.dropFirst().dropLast()), "")
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
    }

    private mutating func escape(_ byte: UInt8) {
        buffer.writeInteger(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: buffer.writeInteger(UInt8(ascii: "b"))
        case 0x09: buffer.writeInteger(UInt8(ascii: "t"))
        case 0x0A: buffer.writeInteger(UInt8(ascii: "n"))
        case 0x0C: buffer.writeInteger(UInt8(ascii: "f"))
        case 0x0D: buffer.writeInteger(UInt8(ascii: "r"))
        case 0x22, 0x5C: buffer.writeInteger(byte)
        default:
            buffer.writeStaticString("u00")
            for digit in [byte >> 4, byte & 0xF] {
                buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
