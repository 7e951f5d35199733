/// Keeps the last line of a stream that is not empty, cut to what a caller is shown.
struct LastLine: Sendable {
    /// Characters of a message, from the executor contract.
    static let maximumCharacters = 1024
    /// No character takes more than four bytes, and composed ones are cut between their scalars.
    private static let maximumBytes = maximumCharacters * 4

    private var last: [UInt8] = []
    private var current: [UInt8] = []

    /// Takes the next bytes of the stream.
    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            hold(rest[..<end])
            flush()
            rest = rest[rest.index(after: end)...]
        }
        hold(rest)
    }

    private mutating func hold(_ bytes: some Collection<UInt8>) {
        current.append(contentsOf: bytes.prefix(Self.maximumBytes - current.count))
    }

    /// The line as text, repaired where it is not UTF-8; nil if every line was empty.
    mutating func text() -> String? {
        flush()
        return Self.shown(String(decoding: last, as: UTF8.self))
    }

    /// A text as callers are shown it: without control characters, and cut; nil if nothing is left of it.
    static func shown(_ text: String) -> String? {
        let scalars = text.unicodeScalars.lazy
            .filter { $0.properties.generalCategory != .control || $0 == "\t" }
            .prefix(maximumCharacters)
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else { return nil }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func flush() {
        if current.contains(where: { $0 > 0x20 && $0 != 0x7F }) { last = current }
        current.removeAll(keepingCapacity: true)
    }
}
