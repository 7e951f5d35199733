/// A request in the very form in which programs write it, recognised without reading JSON:
/// `{"jsonrpc":"2.0","id":1,"method":"Service.Operation","params":{…}}`, with `timeoutMs` before the parameters or without.
///
/// Whether the parameters are JSON is not looked at. Where somebody knows that they are, the whole is well formed, too.
package struct PlainRequest {
    package let id: Int64
    package let method: Method
    /// The bytes behind `"params":`, for as long as the body is there.
    package let params: UnsafeRawBufferPointer

    /// - Parameter body: The body of a frame.
    /// - Returns: nil for a request in any other form, which has to be read, and for everything that is no request.
    package init?(_ body: UnsafeRawBufferPointer) {
        var scanner = PlainScanner(bytes: body)
        guard scanner.skip(#"{"jsonrpc":"2.0","id":"#), let id = scanner.integer(), scanner.skip(#","method":""#),
            let method = Method(scanner.bytes(until: UInt8(ascii: "\""))), scanner.skip(#"","#)
        else { return nil }
        if scanner.skip(#""timeoutMs":"#) {
            guard let timeout = scanner.integer(), timeout > 0, scanner.skip(",") else { return nil }
        }
        guard scanner.skip(#""params":"#), let params = scanner.bytes(before: "}") else { return nil }
        self.id = id
        self.method = method
        self.params = params
    }
}

/// Goes over bytes that are expected, and stays where others come.
private struct PlainScanner {
    /// Digits of the largest number that every JSON reader takes for the same.
    private static let digits = 15

    let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count,
            UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
                .hasSameBytes(as: UnsafeRawBufferPointer(start: text.utf8Start, count: count))
        else { return false }
        offset += count
        return true
    }

    /// An integer without sign and leading zeros.
    mutating func integer() -> Int64? {
        let start = offset
        var number: Int64 = 0
        while offset < bytes.count, offset - start < Self.digits, case let digit = bytes[offset] &- UInt8(ascii: "0"),
            digit < 10
        {
            number = number * 10 + Int64(digit)
            offset += 1
        }
        guard offset > start, offset == start + 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        return number
    }

    /// The bytes before the next one of this kind, or before the end.
    mutating func bytes(until end: UInt8) -> UnsafeRawBufferPointer {
        let start = offset
        while offset < bytes.count, bytes[offset] != end { offset += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    /// The bytes before the last one, if that is `last`.
    func bytes(before last: Unicode.Scalar) -> UnsafeRawBufferPointer? {
        guard offset < bytes.count, bytes[bytes.count - 1] == UInt8(ascii: last) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<bytes.count - 1])
    }
}
