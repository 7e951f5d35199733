/// What a string has to be like.
struct StringRule: Sendable {
    /// Unicode scalars.
    let length: ClosedRange<Int>?
    /// Matched whole.
    let pattern: Pattern?
    /// Text whose bytes must not be in it.
    let excludes: String?

    init(length: ClosedRange<Int>? = nil, pattern: Pattern? = nil, excludes: String? = nil) {
        self.length = length
        self.pattern = pattern
        self.excludes = excludes
    }

    /// What is expected instead of `value`, without the value; nil if it is as it should be.
    func violation(_ value: String) -> String? {
        // First, because it bounds the time that the pattern takes.
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
    /// By bytes, as paths are read by the system: to a String, a / with a combining mark after it is another character.
    fileprivate func holdsBytes(of part: String) -> Bool {
        var text = self
        return text.withUTF8 { text in text.indices.contains { text[$0...].starts(with: part.utf8) } }
    }
}

extension ClosedRange<Int> {
    /// True if a text of so many bytes surely has a length within the range, as most have: a scalar takes one to four.
    fileprivate func holdsLength(ofUTF8 bytes: Int) -> Bool { bytes <= upperBound && (bytes + 3) / 4 >= lowerBound }

    /// What is wrong with a length; nil if it is in the range.
    func violation(length: Int) -> String? {
        if contains(length) { return nil }
        return upperBound == .max
            ? "length \(length) is less than \(lowerBound)" : "length \(length) is outside \(self)"
    }
}
