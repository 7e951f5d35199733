internal import NIOCore

/// Writer of consecutive bytes into memory of sufficient size.
struct ByteWriter {
    private let start: UnsafeMutableRawPointer
    /// Address of the next byte.
    private var place: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) {
        self.start = start
        place = start
    }

    /// Number of bytes written.
    var count: Int { place - start }

    mutating func put(_ byte: UInt8) {
        place.storeBytes(of: byte, as: UInt8.self)
        place += 1
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        place.copyMemory(from: start, byteCount: bytes.count)
        place += bytes.count
    }

    mutating func put(_ text: StaticString) { put(text.bytes) }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }
}

// Numbers in JSON.
extension ByteWriter {
    /// Bytes of the longest number: sign, 19 digits and a point.
    static var longestNumber: Int { 21 }

    /// Returns the number of bytes of an integer.
    static func count(of value: Int64) -> Int { (value < 0 ? 1 : 0) + digits(of: value.magnitude) }

    private static func digits(of value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 100 {
            rest /= 100
            count += 2
        }
        return rest >= 10 ? count + 1 : count
    }

    /// Writes an integer.
    mutating func put(_ value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        put(digitsOf: value.magnitude)
    }

    /// Writes thousandths as a decimal number.
    mutating func put(thousandths value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1000)
        put(digitsOf: whole)
        guard rest > 0 else { return }
        // Adding 1000 preserves leading zeros; its digit is overwritten by the point.
        var digits = rest + 1000
        while digits.isMultiple(of: 10) { digits /= 10 }
        let point = place
        put(digitsOf: digits)
        point.storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
    }

    private mutating func put(digitsOf value: UInt64) {
        let first = place
        place += Self.digits(of: value)
        var digit = place
        var rest = value
        while rest >= 10 {
            let (above, pair) = rest.quotientAndRemainder(dividingBy: 100)
            digit -= 2
            digit.copyMemory(from: Self.pairs.utf8Start + 2 * Int(pair), byteCount: 2)
            rest = above
        }
        // One digit is left if their number is odd; it is 0 only for the number 0.
        if digit > first { first.storeBytes(of: UInt8(ascii: "0") + UInt8(rest), as: UInt8.self) }
    }

    /// Two digits for each of the numbers 0 to 99.
    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
}

extension ByteBuffer {
    /// Appends bytes; reserves space once.
    ///
    /// - Parameters:
    ///   - count: Maximum number of bytes.
    ///   - put: Writes the bytes.
    /// - Returns: Number of bytes appended.
    @inline(__always)
    @discardableResult
    mutating func append(atMost count: Int, _ put: (inout ByteWriter) -> Void) -> Int {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            guard let start = room.baseAddress else { return 0 }
            var writer = ByteWriter(start)
            put(&writer)
            return writer.count
        }
    }
}
