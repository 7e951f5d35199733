import Glibc
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Raw bytes over a real socket.
@Suite struct ServerTests {
    // MARK: Frames

    @Test("A framed and a bare ping are answered in their own form, also side by side")
    func ping() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            try await client.sendFramed(#"{"jsonrpc":"2.0","id":"a","method":"rpc.ping"}"#)
            #expect(try await client.framed() == #"{"jsonrpc":"2.0","id":"a","result":{}}"#)
            try await client.send("\r\n\n{\"id\":1,\"method\":\"rpc.ping\"}\r\n")
            #expect(await client.line() == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
            await client.close()
        }
    }

    @Test("A request that arrives byte by byte is answered")
    func byteByByte() async throws {
        // These tests do not concern the frame timeout.
        try await withServer(configure: { $0.frameTimeout = .seconds(300) }) { server in
            let client = try await server.client()
            for byte in "45\n{\"jsonrpc\":\"2.0\",\"id\":10,\"method\":\"rpc.ping\"}\n" {
                try await client.send(String(byte))
            }
            #expect(try await client.framed() == #"{"jsonrpc":"2.0","id":10,"result":{}}"#)
            await client.close()
        }
    }

    @Test(
        "Half-close after one request, and after many: all are answered, then the server closes", arguments: [1, 300])
    func halfClose(count: Int) async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(String(repeating: "{\"method\":\"rpc.ping\"}\n", count: count))
            try await client.halfClose()
            #expect(await client.rest() == String(repeating: pong + "\n", count: count))
        }
    }

    @Test("A half-close waits for requests in flight")
    func halfCloseInFlight() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n")
            try await client.halfClose()
            await server.gates.arrival(at: "a")
            server.gates.open("a")
            #expect(await client.rest() == described("wait-a", id: 1) + "\n")
        }
    }

    @Test(
        "Broken framing gets one error that names the foreign protocol, then the connection closes",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", "HTTP"), ("Content-Length: 10\r\n\r\n", "Content-Length"),
            ("\u{16}\u{3}\u{1}", "TLS"), ("*1\r\n$4\r\nPING\r\n", "RESP"), ("\0\0\0\u{10}{}", "binary length"),
            ("\u{FEFF}{}\n", "byte order mark"), ("007\n{}\n", "leading zero"), ("-1\n{}\n", "sign"),
            ("5x\n{}\n", "'x'"), ("3\n{} x\n", "counts bytes"), ("12345678\n", "7 digits"), ("9999999\n", "cap"),
            ("[1]\n", "batches"),
        ])
    func brokenFraming(sent: String, hint: String) async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(sent)
            let (id, error) = try failure(await client.line())
            #expect(id == nil)
            #expect(error.code == .parseError)
            #expect(error.message.contains(hint), "\(error.message)")
            #expect(error.processed == false)
            #expect(await client.rest() == "")
        }
    }

    @Test("Broken framing waits for requests in flight and drops later input")
    func brokenBehindWork() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\nHTTP\n" + describe("x", id: 2) + "\n")
            await server.gates.arrival(at: "a")
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 1))
            #expect(try failure(await client.line()).error.code == .parseError)
            #expect(await client.rest() == "")
        }
    }

    @Test("Input that ends within a frame", arguments: ["10\n{", "{\"method\"", "4"])
    func truncated(sent: String) async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(sent)
            try await client.halfClose()
            #expect(try failure(await client.line()).error.code == .parseError)
            #expect(await client.rest() == "")
        }
    }

    @Test(
        "Invalid input in intact frames is answered, and the connection stays open",
        arguments: [
            ("{nonsense}\n", WireError.Code.parseError), ("3\n[1]\n", .invalidRequest), ("{}\n", .invalidRequest),
            ("{\"method\":\"No.Such\"}\n", .methodNotFound),
            ("{\"method\":\"rpc.ping\",\"timeoutMs\":0}\n", .invalidRequest),
            ("{\"method\":\"rpc.cancel\"}\n", .invalidParams),
            ("{\"method\":\"ComprehendMedical.DescribeRxNormInferenceJob\",\"params\":{}}\n", .invalidParams),
        ])
    func badInput(sent: String, code: WireError.Code) async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(sent)
            if sent.first == "3" { _ = await client.line() }
            #expect(try failure(await client.line()).error.code == code)
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            await client.close()
        }
    }

    // MARK: Errors of services

    @Test("Errors have the service's own names; the text of an unknown error is not sent")
    func serviceErrors() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("none", id: 1) + "\n")
            let notFound = try failure(await client.line())
            #expect(notFound.id == .integer(1))
            #expect(notFound.error.code == .notFound)
            #expect(notFound.error.type == "ResourceNotFoundException")
            try await client.send(describe("broken", id: 2) + "\n")
            let line = try #require(await client.line())
            #expect(!line.contains("secret"))
            #expect(try failure(line).error.type == "InternalServerException")
            await client.close()
        }
    }

    @Test("A reply over the cap becomes 413")
    func replyTooLarge() async throws {
        try await withServer {
            $0.replyBytes = 2000
        } _: { server in
            let client = try await server.client()
            try await client.send(describe("bytes-1000", id: 1) + "\n")
            #expect(try #require(await client.line()).utf8.count > 1000)
            try await client.send(describe("bytes-2000", id: 2) + "\n")
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(2))
            #expect(error.code == .replyTooLarge)
            #expect(error.message.contains("connections.replyBytes"))
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            await client.close()
        }
    }

    // MARK: Who is there

    @Test("hello reports the identity from the kernel, and every limit")
    func hello() async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.version = "9.8.7"
            $0.features = ["watch"]
            $0.backends = ["Personalize": "embedded"]
        }
        try await withServer(configure: configure) { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.hello\",\"params\":{\"require\":[\"watch\"]}}\n")
            let frame = Frame(form: .bare, body: .init(string: try #require(await client.line())))
            guard case .reply(_, .success(let result)) = try ServerMessage(frame) else {
                Issue.record("hello failed")
                return
            }
            let hello = try RPC.HelloResponse(json: result)
            #expect(hello.protocolVersion == 1)
            #expect(hello.version == "9.8.7")
            #expect(hello.services == ["Personalize": "embedded"])
            #expect(hello.connection == 1)
            #expect(hello.peer == .init(uid: Int(getuid()), gid: Int(getgid()), pid: Int(getpid())))
            #expect(hello.access == [.read, .write])
            let limits = RPC.Limits(
                requestBytes: 1_048_576, bareRequestBytes: 65_536, replyBytes: 4_194_304, idBytes: 64,
                methodBytes: 128, traceparentBytes: 128, maximumDepth: 64, blankLines: 64, frameMs: 10_000,
                inFlight: 256, inFlightBytes: 4_194_304, userBytes: 33_554_432,
                defaultTimeoutMs: 60_000,
                maximumTimeoutMs: 300_000, softOutputBytes: 1_048_576, hardOutputBytes: 8_388_608,
                slowConsumerMs: 10_000, connections: 4096, connectionsPerUser: 256, drainMs: 1, watchedJobs: 10_000)
            #expect(hello.limits == limits)
            try await client.send("{\"method\":\"rpc.hello\",\"params\":{\"require\":[\"watch\",\"flight\"]}}\n")
            let (_, error) = try failure(await client.line())
            #expect(error.code == .refused)
            #expect(error.message.contains("flight") && !error.message.contains("watch"))
            #expect(error.path == "require")
            await client.close()
        }
    }

    @Test("Hello never reports a default timeout over the longest one")
    func shortTimeouts() async throws {
        try await withServer(configure: { $0.maximumTimeout = .seconds(5) }) { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.hello\"}\n")
            let line = try #require(await client.line())
            #expect(line.contains("\"defaultTimeoutMs\":5000"))
            await client.close()
        }
    }

    @Test("Discover returns the contract")
    func discover() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.discover\"}\n")
            let line = try #require(await client.line())
            #expect(line.contains("\"openrpc\":"))
            for method in Method.allCases { #expect(line.contains("\"\(method.rawValue)\"")) }
            await client.close()
        }
    }
}
