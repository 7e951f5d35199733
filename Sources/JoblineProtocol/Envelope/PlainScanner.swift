/// Scanner that skips expected bytes, and stays in place if others follow.
package struct PlainScanner {
    /// Digits of the largest integer that every JSON implementation represents exactly.
    private static let digits = 15

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package var isAtEnd: Bool { offset == bytes.count }

    @inline(__always)
    package mutating func skip(_ expected: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count - offset >= expected.count, let start = bytes.baseAddress,
            UnsafeRawBufferPointer(start: start + offset, count: expected.count).hasSameBytes(as: expected)
        else { return false }
        offset += expected.count
        return true
    }

    /// Next byte; 0 at the end.
    @inline(__always)
    var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    @inline(__always)
    @discardableResult
    mutating func skip(character: Unicode.Scalar) -> Bool {
        guard next == UInt8(truncatingIfNeeded: character.value) else { return false }
        offset += 1
        return true
    }

    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool { skip(text.bytes) }

    /// Scans an integer without sign and leading zeros.
    package mutating func integer() -> Int64? {
        let start = offset
        var number: Int64 = 0
        while offset < bytes.count, offset - start < Self.digits, case let digit = bytes[offset] &- UInt8(ascii: "0"),
            digit < 10
        {
            number = number * 10 + Int64(digit)
            offset += 1
        }
        guard offset > start, offset == start + 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        return number
    }

    /// Scans the bytes before the next `end`, or all remaining bytes.
    mutating func bytes(until end: UInt8) -> UnsafeRawBufferPointer {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let found = UnsafeRawBufferPointer(rebasing: rest[..<(rest.firstIndex(ofByte: end) ?? rest.count)])
        offset += found.count
        return found
    }

    /// Returns the remaining bytes except the last one, which must be `last`.
    func bytes(before last: Unicode.Scalar) -> UnsafeRawBufferPointer? {
        guard offset < bytes.count, bytes[bytes.count - 1] == UInt8(ascii: last) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<bytes.count - 1])
    }
}
