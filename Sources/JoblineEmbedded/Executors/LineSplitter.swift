/// Splits a stream of bytes into lines, buffering at most one line.
struct LineSplitter: Sendable {
    /// Error of a line that exceeds the limit.
    struct TooLong: Error, Hashable {}

    /// Maximum length of a line in bytes, without its line feed.
    let limit: Int
    private var partial: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Appends bytes and calls `line` with each completed line, without its line feed.
    mutating func append(_ bytes: some Collection<UInt8>, _ line: ([UInt8]) throws -> Void) throws {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            try collect(rest[..<end])
            try flush(line)
            rest = rest[rest.index(after: end)...]
        }
        try collect(rest)
    }

    private mutating func collect(_ bytes: some Collection<UInt8>) throws {
        guard bytes.count <= limit - partial.count else { throw TooLong() }
        partial.append(contentsOf: bytes)
    }

    /// Ends the stream and calls `line` with a last line that has no line feed.
    mutating func finish(_ line: ([UInt8]) throws -> Void) throws {
        if !partial.isEmpty { try flush(line) }
    }

    private mutating func flush(_ line: ([UInt8]) throws -> Void) throws {
        let complete = partial
        partial.removeAll(keepingCapacity: true)
        try line(complete)
    }
}
