/// A regular expression of the contract, compiled once and matched whole.
struct Pattern: Sendable {
    /// As it stands in the contract.
    let source: String
    // Regex is not Sendable because it may carry closures, such as custom consumers and capture transforms. One that is
    // compiled from a string has none, and matching changes only its lazily compiled program, which it swaps in atomically.
    private nonisolated(unsafe) let regex: Regex<AnyRegexOutput>?

    /// - Parameter source: Compiles; the compiler of the contract refuses one that does not, and here it matches nothing.
    init(_ source: String) {
        self.source = source
        regex = try? Regex(source).matchingSemantics(.unicodeScalar)
    }

    /// True if all of `text` matches: unlike a search up to `$`, a final line feed is not passed over.
    func matches(_ text: String) -> Bool { (try? regex?.wholeMatch(in: text)) != nil }
}
