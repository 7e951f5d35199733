import JoblineProtocol
import NIOCore
import Testing

@Suite("Plain request")
struct PlainRequestTests {
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

    @Test("The usual form is recognised, with and without a timeout")
    func recognised() {
        let params = #"{"JobId":"a"}"#
        let method = "ComprehendMedical.DescribeRxNormInferenceJob"
        let expected = Seen(id: 17, method: .comprehendMedicalDescribeRxNormInferenceJob, params: params)
        #expect(seen(#"{"jsonrpc":"2.0","id":17,"method":"\#(method)","params":\#(params)}"#) == expected)
        #expect(
            seen(#"{"jsonrpc":"2.0","id":17,"method":"\#(method)","timeoutMs":30000,"params":\#(params)}"#) == expected)
    }

    @Test(
        "A space after colons and commas, and another order, are recognised",
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
        "A request encoded by the SDK is recognised for every method", arguments: JoblineProtocol.Method.allCases)
    func encoder(method: JoblineProtocol.Method) throws {
        let request = Request(
            id: .integer(1), method: method.rawValue, params: ByteBuffer(string: "{}"), timeoutMilliseconds: 1)
        #expect(seen(String(buffer: request.json())) == Seen(id: 1, method: method, params: "{}"))
    }

    @Test(
        "Other forms are left to the reader",
        arguments: [
            // Unusual white space or members.
            #"{"jsonrpc":  "2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc" :"2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{ "jsonrpc":"2.0","id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping",,"params":{}}"#,
            #"{"jsonrpc":"2.0""id":1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping",}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#,
            #"{"jsonrpc":"1.0","id":1,"method":"rpc.ping","params":{}}"#,
            // Repeated or missing members.
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
            // Ids other than plain integers.
            #"{"jsonrpc":"2.0","id":"1","method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":-1,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":01,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1.0,"method":"rpc.ping","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1234567890123456,"method":"rpc.ping","params":{}}"#,
            // Invalid timeouts.
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","timeoutMs":0,"params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","timeoutMs":01,"params":{}}"#,
            // Unknown method, or incomplete request.
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.pin","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"x","params":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","params":"#,
            #"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"#,
            #"{"jsonrpc":"2.0","id":"#, "{", "",
        ])
    func left(body: String) { #expect(seen(body) == nil) }

    @Test("A recognised request equals the one that the reader returns")
    func same() throws {
        let body = #"{"jsonrpc":"2.0","id":0,"method":"rpc.ping","timeoutMs":5,"params":{"a":[1,{"b":"}"}]}}"#
        let request = try Request(Frame(form: .framed, body: ByteBuffer(string: body)))
        let plain = try #require(seen(body))
        #expect(request.id == .integer(plain.id))
        #expect(request.name == .known(plain.method))
        #expect(request.params.map { String(buffer: $0) } == plain.params)
    }
}
