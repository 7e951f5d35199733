/// The trace that a request is part of, as its `traceparent` names it (W3C Trace Context): 32 lower-case hexadecimal digits.
struct TraceID: Sendable, Hashable {
    let text: String

    /// - Parameter traceparent: What the caller sent.
    /// - Returns: nil unless it is `VERSION-TRACE-PARENT-FLAGS` as the recommendation has it; anything else may be anything.
    init?(traceparent: String) {
        let parts = traceparent.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts.allSatisfy({ $0.allSatisfy(Self.isDigit) }),
            !parts[0].elementsEqual("ff".utf8), parts[1...2].allSatisfy({ $0.contains { $0 != UInt8(ascii: "0") } })
        else { return nil }
        text = String(decoding: parts[1], as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
