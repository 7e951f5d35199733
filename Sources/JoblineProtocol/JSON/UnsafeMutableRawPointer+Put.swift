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
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        rest = value
        for place in (0..<count).reversed() {
            let (tens, digit) = rest.quotientAndRemainder(dividingBy: 10)
            storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: place, as: UInt8.self)
            rest = tens
        }
        self += count
    }
}
