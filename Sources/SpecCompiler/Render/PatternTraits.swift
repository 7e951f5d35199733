/// What a pattern's text tells about the ways it can be matched faster.
struct PatternTraits {
    /// The class that the pattern is one or any number of, where it is nothing else.
    let repeatedClass: String?
    /// True if it has wildcards and nothing in it matches a line break.
    let isSingleLine: Bool

    init(_ pattern: String) {
        repeatedClass = Self.repeatedClass(pattern)
        let hasWildcard = pattern.contains(".*") || pattern.contains(".+")
        isSingleLine = hasWildcard && !Self.mayMatchLineBreak(pattern)
    }

    /// The class of `[…]*`, `^[…]+$` or `^([…]*)$`, or the wildcard of `.*`.
    private static func repeatedClass(_ pattern: String) -> String? {
        var rest = Substring(pattern)
        if rest.first == "^", rest.last == "$" { rest = rest.dropFirst().dropLast() }
        if rest.first == "(", rest.last == ")" { rest = rest.dropFirst().dropLast() }
        guard rest.last == "*" || rest.last == "+" else { return nil }
        let inner = rest.dropLast()
        if inner == "." { return "." }
        guard inner.first == "[", inner.last == "]" else { return nil }
        // Another bracket would mean a second class, or one inside of the other.
        let content = inner.dropFirst().dropLast()
        return content.contains("[") || content.contains("]") ? nil : String(inner)
    }

    /// False only if it is certain: no negated class, and no escape but of digits, word characters and punctuation.
    private static func mayMatchLineBreak(_ pattern: String) -> Bool {
        if pattern.contains("[^") || pattern.contains("(?") || pattern.contains("\n") { return true }
        return zip(pattern, pattern.dropFirst()).contains { first, second in
            first == "\\" && !"dw".contains(second) && (second.isLetter || second.isNumber)
        }
    }
}
