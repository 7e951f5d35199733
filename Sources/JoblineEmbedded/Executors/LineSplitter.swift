/// Cuts a stream of bytes into lines, holding at most one line.
struct LineSplitter: Sendable {
    /// A line is longer than allowed.
    struct TooLong: Error, Hashable {}

    /// Bytes of the longest line, without its line feed.
    let limit: Int
    private var partial: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Takes the next bytes, handing each line that they complete to `line`, without its line feed.
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

    /// Takes the end of the stream, which ends the last line where no line feed did.
    mutating func finish(_ line: ([UInt8]) throws -> Void) throws {
        if !partial.isEmpty { try flush(line) }
    }

    private mutating func flush(_ line: ([UInt8]) throws -> Void) throws {
        let complete = partial
        partial.removeAll(keepingCapacity: true)
        try line(complete)
    }
}
