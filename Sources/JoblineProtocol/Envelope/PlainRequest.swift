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
        var scanner = PlainScanner(body)
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
