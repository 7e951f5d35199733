internal import Synchronization

/// Regular expression of the contract; compiled once, matched against whole strings.
final class Pattern: Sendable {
    /// Pattern in the contract.
    let source: String
    // Regex is not Sendable because it can contain closures (custom consumers, capture transforms). One compiled from a
    // string has none. The only mutable state is the program compiled at the first match, and that match happens in the
    // initializer.
    private nonisolated(unsafe) let regex: Regex<AnyRegexOutput>?
    private let repeated: ASCIISet?
    private let singleLine: Bool
    /// Texts that matched most recently: clients repeat the same buckets and roles.
    private let recentMatches = Mutex<[String]>([])
    /// Comparing this few texts takes less time than matching one character.
    private static let maximumRecentMatches = 4

    /// Compiles a pattern.
    ///
    /// - Parameters:
    ///   - source: Valid pattern; SpecCompiler refuses invalid ones, which match nothing here.
    ///   - repeated: Character class, if the pattern is only a repetition of one.
    ///   - singleLine: Whether the pattern has wildcards and cannot match a line break.
    init(_ source: String, repeated: String? = nil, singleLine: Bool = false) {
        self.source = source
        self.singleLine = singleLine
        self.repeated = repeated.flatMap(Self.compile).map { regex in
            ASCIISet { (try? regex.wholeMatch(in: String($0))) != nil }
        }
        regex = Self.compile(source)
        _ = try? regex?.wholeMatch(in: "")
    }

    /// Whether the whole `text` matches. Unlike a search with `$`, a final line feed is not ignored.
    func matches(_ text: String) -> Bool {
        // A table lookup replaces a regular expression, which takes 0.5 µs for each character.
        if let repeated, let answer = repeated.holdsAll(of: text) { return answer }
        if recentMatches.withLock({ $0.contains { $0.hasSameBytes(as: text) } }) { return true }
        // With several wildcards, a line break would cause backtracking through every division of the text.
        if singleLine, text.unicodeScalars.contains(where: Self.isLineBreak) { return false }
        guard (try? regex?.wholeMatch(in: text)) != nil else { return false }
        recentMatches.withLock { matches in
            if matches.count == Self.maximumRecentMatches { matches.removeFirst() }
            matches.append(text)
        }
        return true
    }

    /// Compiles with the semantics of the services: Unicode scalars, and `\d` only matches ASCII digits.
    private static func compile(_ source: String) -> Regex<AnyRegexOutput>? {
        try? Regex(source).matchingSemantics(.unicodeScalar).asciiOnlyCharacterClasses()
    }

    /// Whether a wildcard does not match the scalar.
    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{A}"..."\u{D}", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
