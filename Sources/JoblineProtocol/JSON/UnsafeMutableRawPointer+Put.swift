/// Writes where there is room, and goes on behind what was written.
extension UnsafeMutableRawPointer {
    mutating func put(_ byte: UInt8) {
        storeBytes(of: byte, as: UInt8.self)
        self += 1
    }

    mutating func put(_ text: StaticString) {
        copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        self += text.utf8CodeUnitCount
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        copyMemory(from: start, byteCount: bytes.count)
        self += bytes.count
    }

    /// Bytes of the longest number: a sign, 19 digits and a point.
    static var longestNumber: Int { 21 }

    /// Writes a whole number.
    mutating func put(_ value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        put(digitsOf: value.magnitude)
    }

    /// Writes thousandths as a number.
    mutating func put(thousandths value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1000)
        put(digitsOf: whole)
        guard rest > 0 else { return }
        // The one in front keeps the zeros, and its place becomes the point's.
        var digits = rest + 1000
        while digits.isMultiple(of: 10) { digits /= 10 }
        let point = self
        put(digitsOf: digits)
        point.storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
    }

    private mutating func put(digitsOf value: UInt64) {
        var count = 1
        var rest = value
        while rest >= 100 {
            rest /= 100
            count += 2
        }
        if rest >= 10 { count += 1 }
        self += count
        var place = self
        rest = value
        while rest >= 10 {
            let (above, pair) = rest.quotientAndRemainder(dividingBy: 100)
            place -= 2
            place.copyMemory(from: Self.pairs.utf8Start + 2 * Int(pair), byteCount: 2)
            rest = above
        }
        // An odd digit is left over; a zero is one only by itself.
        if place > self - count { (place - 1).storeBytes(of: UInt8(ascii: "0") + UInt8(rest), as: UInt8.self) }
    }

    /// The digits of the numbers below 100, two for each.
    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
}
