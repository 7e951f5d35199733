import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Reply envelope")
struct ReplyTests {
    static func reply(_ id: RequestID?, _ outcome: Result<any JSONEncodable, WireError>) -> String {
        var writer = JSONWriter()
        writer.reply(id: id, outcome)
        return String(buffer: writer.buffer)
    }

    @Test("Results and errors are written as in the contract")
    func written() {
        #expect(Self.reply(.integer(1), .success(["a": 1])) == "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":1}}")
        #expect(
            Self.reply(nil, .failure(WireError(.methodNotFound, "no such method")))
                == "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}")
        var error = WireError(
            .tooManyRequests, "slow", type: "TooManyRequestsException", retryable: true, processed: false)
        error.scope = "client"
        error.retryAfterMilliseconds = 118
        #expect(
            Self.reply(.string("x"), .failure(error))
                == "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":429,\"message\":\"slow\",\"data\":"
                + "{\"type\":\"TooManyRequestsException\",\"scope\":\"client\",\"retryable\":true,\"processed\":false,"
                + "\"retryAfterMs\":118}}}")
    }

    /// Returns the result of a reply; nil if the text is no reply with a result.
    static func result(_ text: String) -> String? {
        let frame = Frame(form: .framed, body: ByteBuffer(string: text))
        guard case .reply(.integer(7), .success(let result)) = try? ServerMessage(frame) else { return nil }
        return String(buffer: result)
    }

    @Test(
        "The fast path and the general reader read the same result",
        arguments: [
            "{}", "null", "7", "\"}\"", "[{\"a\":\"}\"},{}]", "{\"a\": 1}", "{}}", "", "{", "\"", "{}{}", "{},",
            "{\"a\":}",
            String(repeating: "[", count: 63) + String(repeating: "]", count: 63),
            String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
        ])
    func forms(result: String) {
        let plain = Self.result(#"{"jsonrpc":"2.0","id":7,"result":\#(result)}"#)
        #expect(plain == Self.result(#"{"id":7,"result":\#(result),"jsonrpc":"2.0"}"#))
        #expect(plain == nil || plain == result)
    }

    @Test("Members after the result are checked like those before it")
    func behindResult() {
        #expect(Self.result(#"{"jsonrpc":"2.0","id":7,"result":{},"more":{}}"#) == "{}")
        #expect(Self.result(#"{"jsonrpc":"2.0","id":7,"result":{},"result":{}}"#) == nil)
        #expect(Self.result(#"{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}"#) == nil)
    }

    @Test(
        "A reply appended around its outcome equals one written whole",
        arguments: [
            nil, .integer(0), .integer(9), .integer(10), .integer(99), .integer(100), .integer(-1), .integer(.min),
            .integer(.max), .string("a\"b"),
        ] as [RequestID?])
    func reply(_ id: RequestID?) {
        for (form, member) in [(Frame.Form.framed, "a"), (.bare, "a"), (.framed, String(repeating: "a", count: 1000))] {
            let result = [member: 1]
            var bytes = ByteBuffer(string: "before")
            let count = result.json().withUnsafeReadableBytes {
                Frame.append(form, id: id, $0, isError: false, to: &bytes)
            }
            var expected = ByteBuffer(string: "before")
            Frame.append(form, to: &expected) { $0.reply(id: id, .success(result)) }
            #expect(bytes == expected)
            #expect(bytes.readableBytes == count + "before".utf8.count)
        }
    }

    @Test(
        "A notification appended from shared params equals one written whole",
        arguments: [
            nil, .integer(7), .integer(-1), .string("a\"b"),
        ] as [RequestID?])
    func notification(_ watch: RequestID?) {
        let change = Sidecar.JobChanged(
            service: "ComprehendMedical", family: .rxNormInference, id: "a", state: .running)
        for form in [Frame.Form.framed, .bare] {
            var bytes = ByteBuffer(string: "before")
            change.json().withUnsafeReadableBytes {
                Frame.append(form, notification: "Sidecar.JobChanged", $0, watch: watch, to: &bytes)
            }
            var expected = ByteBuffer(string: "before")
            Frame.append(form, to: &expected) { writer in
                writer.notification("Sidecar.JobChanged", Told(change: change, watch: watch))
            }
            #expect(bytes == expected)
        }
    }

    private struct Told: JSONEncodable {
        let change: Sidecar.JobChanged
        let watch: RequestID?

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                change.json().withUnsafeReadableBytes { writer.members(of: $0) }
                writer.member("watch", watch)
            }
        }
    }

    @Test("Written replies are read back")
    func roundTrip() throws {
        var error = WireError(.conflict, "full", type: "ExceedsLimitException", retryable: false, processed: false)
        error.quotaName = "jobs"
        error.quotaValue = 5
        error.path = "a.b"
        error.serviceRequestID = "r-1"
        #expect(try WireError(json: error.json()) == error)
        let message = try ServerMessage(
            Frame(form: .framed, body: ByteBuffer(string: "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"a\":[1]}}")))
        guard case .reply(.integer(3), .success(let result)) = message else {
            Issue.record("expected the reply to 3, got \(message)")
            return
        }
        #expect(String(buffer: result) == "{\"a\":[1]}")
    }

    @Test("Unknown codes and types are kept, and data of unexpected types is skipped")
    func lenient() throws {
        let text =
            "{\"code\":418,\"message\":\"m\",\"data\":{\"type\":\"NewException\",\"retryAfterMs\":\"soon\",\"x\":[1]}}"
        let error = try WireError(json: ByteBuffer(string: text))
        #expect(error.code == WireError.Code(rawValue: 418))
        #expect(error.type == "NewException")
        #expect(error.retryAfterMilliseconds == nil)
    }

    @Test(
        "A message that is neither a reply nor a notification is refused",
        arguments: [
            "{}", "{\"id\":1}", "[]", "1", "{\"error\":{}}", "{\"id\":1,\"result\":{},\"error\":{\"code\":500}}",
            "{\"id\":1,\"id\":1,\"result\":{}}",
        ])
    func neither(text: String) {
        #expect(throws: JSONError.self) { try ServerMessage(Frame(form: .framed, body: ByteBuffer(string: text))) }
    }
}
