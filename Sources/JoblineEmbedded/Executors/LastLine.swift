/// Keeps the last line of a stream that is not empty, cut to what a caller is shown.
///
/// A carriage return ends a line, too: it is how programs replace what a line shows of their progress.
struct LastLine: Sendable {
    /// Characters of a message, from the executor contract.
    static let maximumCharacters = 1024
    /// No character takes more than four bytes, composed ones are cut between their scalars, and the first may be cut.
    private static let maximumBytes = maximumCharacters * 4 + 3

    private var last: [UInt8] = []
    private var current: [UInt8] = []

    /// Takes the next bytes of the stream.
    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            collect(rest[..<end])
            flush()
            rest = rest[rest.index(after: end)...]
        }
        collect(rest)
    }

    /// Keeps the end of a long line, where programs say what went wrong.
    private mutating func collect(_ bytes: some Collection<UInt8>) {
        current.append(contentsOf: bytes.suffix(Self.maximumBytes))
        if current.count > Self.maximumBytes { current.removeFirst(current.count - Self.maximumBytes) }
    }

    /// The line as text, repaired where it is not UTF-8; nil if every line was empty.
    mutating func text() -> String? {
        flush()
        var bytes = last[...]
        // The rest of a character whose beginning was cut off.
        if last.count == Self.maximumBytes { bytes = bytes.drop { $0 & 0xC0 == 0x80 } }
        return Self.readable(String(decoding: bytes, as: UTF8.self)).flatMap { scalars in
            String(String.UnicodeScalarView(scalars.suffix(Self.maximumCharacters)))
        }
    }

    /// A text as callers are shown it: without control characters, and cut; nil if nothing is left of it.
    static func shown(_ text: String) -> String? {
        readable(text).map { String(String.UnicodeScalarView($0.prefix(maximumCharacters))) }
    }

    /// A text without control characters; nil if nothing can be seen of it.
    private static func readable(_ text: String) -> [Unicode.Scalar]? {
        let scalars = text.unicodeScalars.filter { $0.properties.generalCategory != .control || $0 == "\t" }
        return scalars.contains { !$0.properties.isWhitespace } ? Array(scalars) : nil
    }

    private mutating func flush() {
        if current.contains(where: { $0 > 0x20 && $0 != 0x7F }) { last = current }
        current.removeAll(keepingCapacity: true)
    }
}
