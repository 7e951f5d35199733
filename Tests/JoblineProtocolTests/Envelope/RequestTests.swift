import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Request envelope")
struct RequestTests {
    static func read(_ text: String, _ form: Frame.Form = .framed) throws(Request.Rejection) -> Request {
        try Request(Frame(form: form, body: ByteBuffer(string: text)))
    }

    static func rejection(_ text: String, _ form: Frame.Form = .framed) -> Request.Rejection? {
        do throws(Request.Rejection) {
            _ = try read(text, form)
            return nil
        } catch {
            return error
        }
    }

    @Test("All members are read")
    func everyMember() throws {
        let request = try Self.read(
            """
            {"params": {"JobId":"x"} ,"timeoutMs":5,"traceparent":"00-a","method":"A.B","id":7,"jsonrpc":"2.0","other":[1]}
            """)
        #expect(request.id == .integer(7))
        #expect(request.method == "A.B")
        #expect(request.params == ByteBuffer(string: "{\"JobId\":\"x\"}"))
        #expect(request.timeoutMilliseconds == 5)
        #expect(request.traceparent == "00-a")
        #expect(request.wantsReply)
    }

    @Test("On a line, jsonrpc and id are optional, and a reply is still expected")
    func bare() throws {
        let request = try Self.read("{\"method\":\"rpc.ping\"}", .bare)
        #expect(request.id == nil)
        #expect(request.wantsReply)
        #expect(try !Self.read("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.ping\"}").wantsReply)
    }

    @Test(
        "Ids are kept exactly",
        arguments: [
            ("0", RequestID.integer(0)), ("-9007199254740991", .integer(-9_007_199_254_740_991)),
            ("\"1\"", .string("1")),
            ("\"\"", .string("")),
            ("\"\(String(repeating: "x", count: 64))\"", .string(String(repeating: "x", count: 64))),
        ])
    func ids(text: String, id: RequestID) throws {
        #expect(try Self.read("{\"jsonrpc\":\"2.0\",\"id\":\(text),\"method\":\"m\"}").id == id)
    }

    @Test(
        "Invalid ids are refused",
        arguments: [
            "null", "1.5", "1e3", "true", "[]", "{}", "9007199254740992", "\"\(String(repeating: "x", count: 65))\"",
        ])
    func wrongIDs(text: String) {
        let rejection = Self.rejection("{\"jsonrpc\":\"2.0\",\"id\":\(text),\"method\":\"m\"}")
        #expect(rejection?.error.code == .invalidRequest)
        #expect(rejection?.id == nil)
    }

    @Test(
        "A rejection has a message and the id of the request",
        arguments: [
            ("{\"id\":1,", -32700, 1), ("{\"jsonrpc\":\"2.0\",\"id\":1}", -32600, 1),
            ("{\"id\":1,\"method\":\"m\"}", -32600, 1),
            ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[1]}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"timeoutMs\":0}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"timeoutMs\":\"5\"}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"method\":\"n\"}", -32600, 1),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"m\"}", -32600, nil),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", -32600, 1), ("[{}]", -32600, nil), ("7", -32600, nil),
        ] as [(String, Int, Int64?)])
    func rejections(text: String, code: Int, id: Int64?) {
        let rejection = Self.rejection(text)
        #expect(rejection?.error.code.rawValue == code)
        #expect(rejection?.id == id.map(RequestID.integer))
        #expect(rejection?.error.processed == false)
    }

    @Test(
        "The id and syntax errors after an invalid member are found",
        arguments: [
            ("{\"method\":7,\"id\":1,\"jsonrpc\":\"2.0\"}", -32600, 1), ("{\"method\":7,\"id\":1,x}", -32700, 1),
            ("{\"method\":7,x,\"id\":1}", -32700, nil), ("{\"id\":1,\"\\u0069d\":1}", -32600, nil),
            ("{\"id\":1,\"id\":1,\"id\":1}", -32600, nil),
        ] as [(String, Int, Int64?)])
    func anyOrder(text: String, code: Int, id: Int64?) {
        let rejection = Self.rejection(text)
        #expect(rejection?.error.code.rawValue == code)
        #expect(rejection?.id == id.map(RequestID.integer))
    }

    @Test("An error contains at most 64 bytes of a name")
    func longName() {
        let name = String(repeating: "e\u{301}", count: 10_000)
        let message = Self.rejection("{\"\(name)\":1,\"\(name)\":1}")?.error.message
        #expect(message?.hasSuffix(" appears twice") == true)
        #expect((message?.utf8.count ?? 0) < 100)
    }

    @Test("Ids are compared by bytes")
    func bytesOfIDs() {
        #expect(RequestID.string("\u{e9}") != .string("e\u{301}"))
        #expect(Set([RequestID.string("\u{e9}"), .string("e\u{301}"), .string("1"), .integer(1)]).count == 4)
    }

    @Test("A request round-trips")
    func roundTrip() throws {
        let request = Request(
            id: .string("a"), method: "A.B", params: ByteBuffer(string: "{\"x\":1}"), timeoutMilliseconds: 9,
            traceparent: "t")
        #expect(try Request(Frame(form: .framed, body: request.json())) == request)
    }

    @Test("A request appended at once equals one written member by member", arguments: [0, 9, 10, 4711, 1 << 52])
    func appended(id: Int64) {
        for (timeout, params) in [
            (1, "{}"), (99, "{\"x\":1}"), (300_000, "{\"x\":\"\(String(repeating: "x", count: 5000))\"}"),
        ] {
            let params = ByteBuffer(string: params)
            var bytes = ByteBuffer(string: "before")
            let count = Frame.append(
                request: id, .rpcPing, timeoutMilliseconds: Int64(timeout), params, to: &bytes)
            var expected = ByteBuffer(string: "before")
            let request = Request(
                id: .integer(id), name: .known(.rpcPing), params: params, timeoutMilliseconds: timeout)
            #expect(Frame.append(.framed, to: &expected) { request.write(to: &$0) } == count)
            #expect(bytes == expected)
        }
    }
}
