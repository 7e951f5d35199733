/// Last non-empty line of a stream, truncated to the length of a message.
///
/// A carriage return ends a line, too, since programs use it to update a progress line.
struct LastLine: Sendable {
    /// Maximum length of a message in characters, from the executor contract.
    static let maximumCharacters = 1024
    /// Four bytes a Unicode scalar, and up to three bytes of a scalar that is cut at the beginning.
    private static let maximumBytes = maximumCharacters * 4 + 3

    private var last: [UInt8] = []
    private var current: [UInt8] = []

    /// Appends the next bytes of the stream.
    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            collect(rest[..<end])
            flush()
            rest = rest[rest.index(after: end)...]
        }
        collect(rest)
    }

    /// Keeps only the end of a long line, where programs usually name the error.
    private mutating func collect(_ bytes: some Collection<UInt8>) {
        current.append(contentsOf: bytes.suffix(Self.maximumBytes))
        if current.count > Self.maximumBytes { current.removeFirst(current.count - Self.maximumBytes) }
    }

    /// Returns the line with invalid UTF-8 replaced; nil if every line was empty.
    mutating func text() -> String? {
        flush()
        var bytes = last[...]
        // Drops the rest of a scalar whose beginning was cut off.
        if last.count == Self.maximumBytes { bytes = bytes.drop { $0 & 0xC0 == 0x80 } }
        return Self.readable(String(decoding: bytes, as: UTF8.self)).flatMap { scalars in
            String(String.UnicodeScalarView(scalars.suffix(Self.maximumCharacters)))
        }
    }

    /// Returns a text without control characters, truncated to a message's length; nil if nothing visible is left.
    static func shown(_ text: String) -> String? {
        readable(text).map { String(String.UnicodeScalarView($0.prefix(maximumCharacters))) }
    }

    /// Returns a text without control characters; nil if nothing visible is left.
    private static func readable(_ text: String) -> [Unicode.Scalar]? {
        let scalars = text.unicodeScalars.filter { $0.properties.generalCategory != .control || $0 == "\t" }
        return scalars.contains { !$0.properties.isWhitespace } ? Array(scalars) : nil
    }

    private mutating func flush() {
        if current.contains(where: { $0 > 0x20 && $0 != 0x7F }) { last = current }
        current.removeAll(keepingCapacity: true)
    }
}
