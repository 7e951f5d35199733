/// Set of ASCII characters.
struct ASCIISet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// Creates the set of all ASCII characters for which `isMember` is true.
    init(_ isMember: (Unicode.Scalar) -> Bool) {
        for byte: UInt8 in 0..<64 where isMember(Unicode.Scalar(byte)) { low |= 1 << UInt64(byte) }
        for byte: UInt8 in 64..<128 where isMember(Unicode.Scalar(byte)) { high |= 1 << UInt64(byte - 64) }
    }

    /// Whether every character of `text` is in the set; nil if undecided: empty text or non-ASCII characters.
    func holdsAll(of text: String) -> Bool? {
        if text.isEmpty { return nil }
        var holdsAll = true
        for byte in text.utf8 {
            if byte >= 128 { return nil }
            let bit = byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)
            if bit & 1 == 0 { holdsAll = false }
        }
        return holdsAll
    }
}
