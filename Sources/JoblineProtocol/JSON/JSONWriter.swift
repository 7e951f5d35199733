package import NIOCore

/// Writes compact JSON, without raw line feeds, into a buffer.
///
/// Calls have to describe a well-formed text: values only at the top, in arrays, and through ``member(_:_:)`` in objects.
package struct JSONWriter {
    /// What was written so far, appended to what the buffer held before.
    package private(set) var buffer: ByteBuffer
    private var needsComma = false

    package init(into buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    /// Gives the buffer back, so that there is one holder of it again.
    consuming func finish() -> ByteBuffer { buffer }

    /// Appends bytes with one look at the room that there is.
    private mutating func append(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            write(room)
            return count
        }
    }

    private mutating func append(_ byte: UInt8) { append(1) { $0[0] = byte } }

    /// Writes an object whose members `content` writes.
    package mutating func object<Failure>(_ content: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        separate()
        append(UInt8(ascii: "{"))
        needsComma = false
        try content(&self)
        append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Writes an array whose elements `content` writes.
    package mutating func array<Failure>(_ content: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        separate()
        append(UInt8(ascii: "["))
        needsComma = false
        try content(&self)
        append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes a member, or nothing where `value` is nil: absent members are absent, never null.
    package mutating func member(_ name: StaticString, _ value: (some JSONEncodable)?) {
        guard let value else { return }
        separate()
        let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        append(name.count + 3) { room in
            room[0] = UInt8(ascii: "\"")
            UnsafeMutableRawBufferPointer(rebasing: room[1...]).copyMemory(from: name)
            room[name.count + 1] = UInt8(ascii: "\"")
            room[name.count + 2] = UInt8(ascii: ":")
        }
        needsComma = false
        value.write(to: &self)
    }

    /// Writes a member whose name is known only at run time.
    package mutating func member(named name: String, _ value: some JSONEncodable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes the name of a member, whose value has to follow.
    package mutating func name(_ name: String) {
        string(name)
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                buffer.writeBytes(utf8[start..<index])
                escape(byte)
                start = index + 1
            }
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[start...])
            append(rest.count + 1) { room in
                room.copyMemory(from: rest)
                room[rest.count] = UInt8(ascii: "\"")
            }
        }
        needsComma = true
    }

    package mutating func integer(_ value: Int64) {
        separate()
        buffer.writeString(String(value))
        needsComma = true
    }

    /// Writes a finite number; one that is not finite has no JSON form and is written as 0.
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

    /// Writes text that is already compact JSON.
    package mutating func raw(_ json: ByteBuffer) {
        separate()
        buffer.writeImmutableBuffer(json)
        needsComma = true
    }

    /// Writes text that is already compact JSON.
    mutating func raw(_ json: Slice<UnsafeRawBufferPointer>) {
        separate()
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: json))
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
