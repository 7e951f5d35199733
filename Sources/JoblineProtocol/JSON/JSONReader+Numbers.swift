// Numbers and booleans.
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

    /// Reads an integer without fraction and exponent, within ±``maximumInteger``.
    package mutating func integer() throws(JSONError) -> Int64 {
        let range = try numberRange("an integer")
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let digits = bytes[range].dropFirst(isNegative ? 1 : 0)
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw JSONError(
                .type, "expected an integer, found a fraction or an exponent", offset: range.lowerBound)
        }
        // Leading zeros are not allowed, so more digits mean a larger number.
        let magnitude = digits.prefix(17).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        guard magnitude <= Self.maximumInteger else {
            throw JSONError(.range, "an integer beyond ±(2^53 - 1)", offset: range.lowerBound)
        }
        return isNegative ? -magnitude : magnitude
    }

    /// Reads a number and rounds it to the nearest double.
    package mutating func double() throws(JSONError) -> Double {
        let range = try numberRange("a number")
        if let value = shortDecimal(range) { return value }
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
            throw JSONError(.range, "a number beyond the range of a double", offset: range.lowerBound)
        }
        return value
    }

    /// Fast path for short decimals: if the digits and the power of ten are exact doubles, their quotient is correctly
    /// rounded.
    private func shortDecimal(_ range: Range<Int>) -> Double? {
        guard range.count <= 16 else { return nil }
        var digits = 0
        var divisor = 1.0
        var isFraction = false
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            if digit < 10 {
                digits = digits &* 10 &+ Int(digit)
                if isFraction { divisor *= 10 }
            } else if bytes[index] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                return nil
            }
        }
        return digits < 1 << 53 ? Double(digits) / divisor : nil
    }

    private mutating func numberRange(_ expected: String) throws(JSONError) -> Range<Int> {
        switch try peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw try mismatch(expected)
        }
    }

    /// Skips a number and checks its syntax.
    mutating func number() throws(JSONError) -> Range<Int> {
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
        var end = first
        while end < bytes.count, bytes[end] &- UInt8(ascii: "0") < 10 { end += 1 }
        position = end
        guard end > first else { throw JSONError(.syntax, "expected a JSON value", offset: start) }
    }

    private func at(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
}
