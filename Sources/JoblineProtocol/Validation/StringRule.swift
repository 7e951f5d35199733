/// Constraints of a string.
struct StringRule: Sendable {
    /// Allowed number of Unicode scalars.
    let length: ClosedRange<Int>?
    /// Pattern that the whole string must match.
    let pattern: Pattern?
    /// Text that the bytes must not contain.
    let excludes: String?

    init(length: ClosedRange<Int>? = nil, pattern: Pattern? = nil, excludes: String? = nil) {
        self.length = length
        self.pattern = pattern
        self.excludes = excludes
    }

    /// Returns a description of what is allowed, without the value; nil if `value` is valid.
    func violation(_ value: String) -> String? {
        // Checked first, because it bounds the time of matching the pattern.
        if let length, !length.holdsLength(ofUTF8: value.utf8.count),
            let message = length.violation(length: value.unicodeScalars.count)
        {
            return message
        }
        if let pattern, !pattern.matches(value) { return "has to match \(pattern.source)" }
        if let excludes, value.holdsBytes(of: excludes) { return "must not contain \(excludes)" }
        return nil
    }
}

extension String {
    /// Whether the bytes contain `part`. The system reads paths as bytes, but a String treats / with a combining mark
    /// as another character.
    fileprivate func holdsBytes(of part: String) -> Bool {
        var text = self
        return text.withUTF8 { text in text.indices.contains { text[$0...].starts(with: part.utf8) } }
    }
}

extension ClosedRange<Int> {
    /// Whether a text of this many bytes is certain to have an allowed length; a scalar has 1 to 4 bytes. Avoids
    /// counting in most cases.
    fileprivate func holdsLength(ofUTF8 bytes: Int) -> Bool { bytes <= upperBound && (bytes + 3) / 4 >= lowerBound }

    /// Returns a description of the allowed length; nil if `length` is allowed.
    func violation(length: Int) -> String? {
        if contains(length) { return nil }
        return upperBound == .max
            ? "length \(length) is less than \(lowerBound)" : "length \(length) is outside \(self)"
    }
}
