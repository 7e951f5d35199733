import JoblineProtocol
import NIOCore
import Testing

/// Requests that are recognised without reading JSON.
@Suite struct PlainRequestTests {
    private struct Seen: Equatable {
        var id: Int64
        var method: JoblineProtocol.Method
        var params: String
    }

    private func seen(_ body: String) -> Seen? {
        ByteBuffer(string: body).withUnsafeReadableBytes { body in
            PlainRequest(body).map {
                Seen(id: $0.id, method: $0.method, params: String(decoding: $0.params, as: UTF8.self))
            }
        }
    }

    @Test("what a program writes is recognised, with a timeout and without")
    func recognised() {
        let params = #"{"JobId":"a"}"#
        let method = "ComprehendMedical.DescribeRxNormInferenceJob"
        let expected = Seen(id: 17, method: .comprehendMedicalDescribeRxNormInferenceJob, params: params)
        #expect(seen(#"{"jsonrpc":"2.0","id":17,"method":"\#(method)","params":\#(params)}"#) == expected)
        #expect(
            seen(#"{"jsonrpc":"2.0","id":17,"method":"\#(method)","timeoutMs":30000,"params":\#(params)}"#) == expected)
    }

    @Test(
        "so is what others write: with a space behind colons and commas, and in another order",
        arguments: [
            #"{"jsonrpc": "2.0", "id": 17, "method": "rpc.ping", "timeoutMs": 5, "params": {"a": 1}}"#,
            #"{"id":17,"jsonrpc":"2.0","method":"rpc.ping","params":{"a": 1}}"#,
            #"{"method": "rpc.ping","timeoutMs":5, "id": 17,"jsonrpc":"2.0","params":{"a": 1}}"#,
        ])
    func others(body: String) throws {
        #expect(seen(body) == Seen(id: 17, method: .rpcPing, params: #"{"a": 1}"#))
        let request = try Request(Frame(form: .framed, body: ByteBuffer(string: body)))
        #expect(request.id == .integer(17) && request.name == .known(.rpcPing))
        #expect(request.params.map { String(buffer: $0) } == #"{"a": 1}"#)
    }

    @Test(
        "what the SDK's own encoder writes is recognised, for every method", arguments: JoblineProtocol.Method.allCases)
    func encoder(method: JoblineProtocol.Method) throws {
        let request = Request(
            id: .integer(1), method: method.rawValue, params: ByteBuffer(string: "{}"), timeoutMilliseconds: 1)
        #expect(seen(String(buffer: request.json())) == Seen(id: 1, method: method, params: "{}"))
    }

    @Test(
        "everything else is left to be read",
        arguments: [
            // Not the spelling or the members that programs write.
            #"{"jsonrpc":  "2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc" :"2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{ "jsonrpc":"2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping",,"params":{}}"#,
            #"{"jsonrpc":"2.0""id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping",}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#,
            #"{"jsonrpc":"1.0","id":1,"method":"rpc.ping","params":{}}"#,
            // Members that are there twice, or not at all.
            #"{"jsonrpc":"2.0","id":1,"id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","timeoutMs":1,"timeoutMs":1,"params":{}}"#,
            #"{"id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","params":{}} "#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","traceparent":"x","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#,
            // Ids that are no plain number.
            #"{"jsonrpc":"2.0","id":"1","method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":-1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":01,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1.0,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1234567890123456,"method":"rpc.ping","params":{}}"#,
            // Timeouts that are refused.
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","timeoutMs":0,"params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","timeoutMs":01,"params":{}}"#,
            // No method of the contract, or no whole request.
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.pin","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"x","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","params":"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"#,
            #"{"jsonrpc":"2.0","id":"#, "{", "",
        ])
    func left(body: String) { #expect(seen(body) == nil) }

    @Test("whoever is recognised reads the same as a whole, where the parameters are JSON")
    func same() throws {
        let body = #"{"jsonrpc":"2.0","id":0,"method":"rpc.ping","timeoutMs":5,"params":{"a":[1,{"b":"}"}]}}"#
        let request = try Request(Frame(form: .framed, body: ByteBuffer(string: body)))
        let plain = try #require(seen(body))
        #expect(request.id == .integer(plain.id))
        #expect(request.name == .known(plain.method))
        #expect(request.params.map { String(buffer: $0) } == plain.params)
    }
}
