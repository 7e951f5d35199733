/// Request in the form that programs usually send, recognised without a JSON reader.
///
/// The form is `{"jsonrpc":"2.0","id":1,"method":"Service.Operation","timeoutMs":1000,"params":{…}}`. The timeout is
/// optional; members before the parameters can have any order; colons and commas can be followed by one space.
///
/// The parameters are not validated. If they are valid JSON, so is the whole request.
package struct PlainRequest {
    package let id: Int64
    package let method: Method
    /// Bytes of the parameters; valid as long as the body is in memory.
    package let params: UnsafeRawBufferPointer

    /// Parses the body of a frame.
    ///
    /// - Returns: nil for a request in another form, which needs the JSON reader, and for invalid requests.
    package init?(_ body: UnsafeRawBufferPointer) {
        var scanner = PlainScanner(body)
        guard scanner.skip(character: "{") else { return nil }
        var (hasVersion, hasTimeout) = (false, false)
        var id: Int64?
        var method: Method?
        members: while true {
            guard scanner.skip(character: "\"") else { return nil }
            switch scanner.next {
            case UInt8(ascii: "j"):
                guard !hasVersion, scanner.skip(name: #"jsonrpc":"#), scanner.skip(#""2.0""#) else { return nil }
                hasVersion = true
            case UInt8(ascii: "i"):
                guard id == nil, scanner.skip(name: #"id":"#), let number = scanner.integer() else { return nil }
                id = number
            case UInt8(ascii: "m"):
                guard method == nil, scanner.skip(name: #"method":"#), scanner.skip(character: "\""),
                    let known = Method(scanner.bytes(until: UInt8(ascii: "\""))), scanner.skip(character: "\"")
                else { return nil }
                method = known
            case UInt8(ascii: "t"):
                guard !hasTimeout, scanner.skip(name: #"timeoutMs":"#), let timeout = scanner.integer(), timeout > 0
                else { return nil }
                hasTimeout = true
            default:
                guard scanner.skip(name: #"params":"#) else { return nil }
                break members
            }
            guard scanner.skip(character: ",") else { return nil }
            scanner.skip(character: " ")
        }
        guard hasVersion, let id, let method, let params = scanner.bytes(before: "}") else { return nil }
        self.id = id
        self.method = method
        self.params = params
    }
}

extension PlainScanner {
    /// Skips a name, its colon and an optional space.
    @inline(__always)
    fileprivate mutating func skip(name: StaticString) -> Bool {
        guard skip(name) else { return false }
        skip(character: " ")
        return true
    }
}
