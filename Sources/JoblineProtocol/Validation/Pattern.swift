internal import Synchronization

/// A regular expression of the contract, compiled once and matched whole.
final class Pattern: Sendable {
    /// As it stands in the contract.
    let source: String
    // Regex is not Sendable because it may carry closures: custom consumers, capture transforms. One that is compiled from
    // a string has none. Matching keeps no state in it but the program it is lowered to at the first match, and that one
    // is done before anybody else can see the value.
    private nonisolated(unsafe) let regex: Regex<AnyRegexOutput>?
    private let repeated: ASCIISet?
    private let singleLine: Bool
    /// Some of the texts that matched last: callers name the same buckets and roles again and again.
    private let known = Mutex<[String]>([])
    /// Looking for one of so many takes less time than a character of it takes to match.
    private static let mostKnown = 4

    /// - Parameters:
    ///   - source: Compiles; the compiler of the contract refuses one that does not, and here it matches nothing.
    ///   - repeated: The class that the pattern is one or any number of, where it is nothing else.
    ///   - singleLine: True if it has wildcards and nothing in it matches a line break.
    init(_ source: String, repeated: String? = nil, singleLine: Bool = false) {
        self.source = source
        self.singleLine = singleLine
        self.repeated = repeated.flatMap(Self.compile).map { regex in
            ASCIISet { (try? regex.wholeMatch(in: String($0))) != nil }
        }
        regex = Self.compile(source)
        _ = try? regex?.wholeMatch(in: "")
    }

    /// True if all of `text` matches: unlike a search up to `$`, a final line feed is not passed over.
    func matches(_ text: String) -> Bool {
        // A regular expression takes half a microsecond a character for what a table answers in one step.
        if let repeated, let answer = repeated.holdsAll(of: text) { return answer }
        if known.withLock({ $0.contains { $0.hasSameBytes(as: text) } }) { return true }
        // With several wildcards, a line break at the end would be tried against every way to divide the text.
        if singleLine, text.unicodeScalars.contains(where: Self.isLineBreak) { return false }
        guard (try? regex?.wholeMatch(in: text)) != nil else { return false }
        known.withLock { known in
            if known.count == Self.mostKnown { known.removeFirst() }
            known.append(text)
        }
        return true
    }

    /// As the services read it: scalar by scalar, and `\d` for ASCII digits only.
    private static func compile(_ source: String) -> Regex<AnyRegexOutput>? {
        try? Regex(source).matchingSemantics(.unicodeScalar).asciiOnlyCharacterClasses()
    }

    /// The scalars that a wildcard does not match.
    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{A}"..."\u{D}", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
