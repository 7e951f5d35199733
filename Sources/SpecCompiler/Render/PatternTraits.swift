/// Properties of a pattern that allow faster matching.
struct PatternTraits {
    /// Character class, if the pattern is only a repetition of one.
    let repeatedClass: String?
    /// Whether it has wildcards and cannot match a line break.
    let isSingleLine: Bool

    init(_ pattern: String) {
        repeatedClass = Self.repeatedClass(pattern)
        let hasWildcard = pattern.contains(".*") || pattern.contains(".+")
        isSingleLine = hasWildcard && !Self.mayMatchLineBreak(pattern)
    }

    /// Returns the class of `[…]*`, `^[…]+$` or `^([…]*)$`, or the wildcard of `.*`.
    private static func repeatedClass(_ pattern: String) -> String? {
        var rest = Substring(pattern)
        if rest.first == "^", rest.last == "$" { rest = rest.dropFirst().dropLast() }
        if rest.first == "(", rest.last == ")" { rest = rest.dropFirst().dropLast() }
        guard rest.last == "*" || rest.last == "+" else { return nil }
        let inner = rest.dropLast()
        if inner == "." { return "." }
        guard inner.first == "[", inner.last == "]" else { return nil }
        // Another bracket would be a second or a nested class.
        let content = inner.dropFirst().dropLast()
        return content.contains("[") || content.contains("]") ? nil : String(inner)
    }

    /// Returns false only if certain: no negated class, and no escapes except digits, word characters and punctuation.
    private static func mayMatchLineBreak(_ pattern: String) -> Bool {
        if pattern.contains("[^") || pattern.contains("(?") || pattern.contains("\n") { return true }
        return zip(pattern, pattern.dropFirst()).contains { first, second in
            first == "\\" && !"dw".contains(second) && (second.isLetter || second.isNumber)
        }
    }
}
