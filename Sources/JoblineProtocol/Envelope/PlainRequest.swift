/// A request in the form in which programs write it, recognised without reading JSON:
/// `{"jsonrpc":"2.0","id":1,"method":"Service.Operation","timeoutMs":1000,"params":{…}}`, with a timeout or without; the members
/// before the parameters in any order, and a space behind each colon and comma or none.
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
    /// A name with its colon, and the space behind it if there is one.
    @inline(__always)
    fileprivate mutating func skip(name: StaticString) -> Bool {
        guard skip(name) else { return false }
        skip(character: " ")
        return true
    }
}
