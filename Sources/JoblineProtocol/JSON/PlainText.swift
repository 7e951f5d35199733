extension UnsafeRawBufferPointer {
    /// Returns the end of the bytes that need no escape in a JSON string: the index of the next quote, backslash,
    /// control character or non-ASCII byte, or `count`. Processes eight bytes at a time.
    func endOfPlain(from start: Int = 0) -> Int {
        let last = count - 8
        guard let bytes = baseAddress, start <= last else { return endOfPlain(bytewiseFrom: start) }
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while true {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            // A subtraction sets the highest bit of each byte that borrows; the first such byte is a match.
            let quotes = (word ^ ones &* UInt64(UInt8(ascii: "\""))) &- ones
            let backslashes = (word ^ ones &* UInt64(UInt8(ascii: "\\"))) &- ones
            let controls = word &- ones &* 0x20
            let found = (quotes | backslashes | controls | word) & ones << 7
            if found != 0 { return index + found.trailingZeroBitCount >> 3 }
            if index == last { return count }
            // The last eight bytes can overlap those already checked.
            index = Swift.min(index + 8, last)
        }
    }

    private func endOfPlain(bytewiseFrom start: Int) -> Int {
        var index = start
        while index < count {
            switch self[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x80...: return index
            default: index += 1
            }
        }
        return index
    }
}
