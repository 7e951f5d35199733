import NIOCore
import NIOEmbedded
import Testing

@testable import Jobline

@Suite("Connection driver")
struct ConnectionDriverTests {
    static let hello =
        "{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"method\":\"rpc.hello\",\"params\":{\"client\":\"stage\"}}"

    static let greeting = "{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"error\":{\"code\":-32601,\"message\":\"no\"}}\n"

    static func request(_ id: Int64, timeout: Int = 30_000) -> String {
        "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"A.B\",\"timeoutMs\":\(timeout),\"params\":{}}"
    }

    static func cancel(_ id: Int64) -> String {
        "{\"jsonrpc\":\"2.0\",\"method\":\"rpc.cancel\",\"params\":{\"id\":\(id)}}"
    }

    static func reply(_ id: Int64) -> String { "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":{\"for\":\(id)}}\n" }

    @Test("The first call opens the connection and sends hello and request with one flush")
    func firstCall() async throws {
        try await DriverStage.with { stage in
            await stage.loop.run()
            #expect(stage.connections == 0)
            try await stage.submit(1, 2, 3)
            #expect(stage.connections == 1)
            #expect(try await stage.sent() == [Self.hello, Self.request(1), Self.request(2), Self.request(3)])
            #expect(stage.flushes == 1)
            try await stage.submit(4, 5)
            #expect(try await stage.sent() == [Self.request(4), Self.request(5)])
            #expect(stage.flushes == 2)
        }
    }

    @Test("Replies in both forms reach their calls, however split and in any order")
    func replies() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1, 2)
            let framed = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":404,\"message\":\"no such job\"}}"
            for byte in Self.reply(2) + "\(framed.utf8.count)\n\(framed)\n" { try await stage.receive(String(byte)) }
            #expect(stage.outcomes == ["2: {\"for\":2}", "1: no such job"])
        }
    }

    @Test("The remaining time is sent, not the original timeout")
    func remainingTime() async throws {
        try await DriverStage.with(window: 1) { stage in
            try await stage.submit(1)
            try await stage.submit(2, timeout: .seconds(10))
            #expect(try await stage.sent() == [Self.hello, Self.request(1)])
            await stage.loop.advanceTime(by: .milliseconds(1500))
            try await stage.receive(Self.reply(1))
            #expect(try await stage.sent() == [Self.request(2, timeout: 8500)])
        }
    }

    @Test("The server's window and size limit are adopted")
    func limits() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            _ = try await stage.sent()
            try await stage.receive(
                """
                {"jsonrpc":"2.0","id":"hello","result":{"protocolVersion":1,"version":"1.0","features":[],"services":{},\
                "connection":1,"peer":{"uid":0,"gid":0,"pid":1},"access":[],"limits":{"requestBytes":100,\
                "bareRequestBytes":100,"replyBytes":100,"idBytes":64,"methodBytes":128,"traceparentBytes":128,\
                "maximumDepth":64,"blankLines":64,"frameMs":10000,"inFlight":2,"inFlightBytes":1,"userBytes":1,"defaultTimeoutMs":60000,\
                "maximumTimeoutMs":300000,"softOutputBytes":1,"hardOutputBytes":1,"slowConsumerMs":1,"connections":1,\
                "connectionsPerUser":1,"drainMs":1}}}

                """)
            try await stage.submit(2, params: "{\"x\":\"\(String(repeating: "x", count: 100))\"}")
            #expect(stage.outcomes == ["2: a request of 175 bytes exceeds the daemon's limit of 100 bytes"])
            // The call left nothing behind.
            try await stage.submit(3, 4)
            #expect(try await stage.sent() == [Self.request(3)])
            try await stage.receive(Self.reply(1))
            #expect(try await stage.sent() == [Self.request(4)])
        }
    }

    @Test("The limits of the contract apply if hello is refused or invalid")
    func noHello() async throws {
        for answer in ["\"error\":{\"code\":-32601,\"message\":\"no\"}", "\"result\":{\"limits\":7}"] {
            try await DriverStage.with { stage in
                try await stage.submit(1)
                try await stage.receive("{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\(answer)}\n")
                try await stage.receive(Self.reply(1))
                #expect(stage.outcomes == ["1: {\"for\":1}"])
                #expect(stage.isOpen)
            }
        }
    }

    @Test("A call ends at its deadline and is cancelled at the server; its late reply is ignored")
    func deadline() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1, timeout: .seconds(5))
            try await stage.submit(2, timeout: .seconds(3))
            _ = try await stage.sent()
            await stage.loop.advanceTime(by: .milliseconds(2999))
            #expect(stage.outcomes == [])
            await stage.loop.advanceTime(by: .milliseconds(1))
            #expect(stage.outcomes == ["2: the daemon did not answer within the deadline"])
            #expect(try await stage.sent() == [Self.cancel(2)])
            try await stage.receive(Self.reply(2) + Self.reply(1))
            #expect(stage.outcomes.last == "1: {\"for\":1}")
            #expect(stage.isOpen)
        }
    }

    @Test("A cancelled call ends at once and is cancelled at the server")
    func cancel() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            _ = try await stage.sent()
            try await stage.cancel(1)
            try await stage.cancel(1)
            #expect(stage.outcomes == ["1: the task that made the call was cancelled"])
            #expect(try await stage.sent() == [Self.cancel(1)])
        }
    }

    @Test("A call that is cancelled early is never sent")
    func cancelledAtOnce() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            _ = try await stage.sent()
            try await stage.submit(2, 3, cancelling: 2)
            #expect(stage.outcomes == ["2: the task that made the call was cancelled"])
            #expect(try await stage.sent() == [Self.request(3)])
        }
    }

    @Test("Replies that arrive in one read make room for requests that are sent in one write")
    func onePiece() async throws {
        try await DriverStage.with(window: 3) { stage in
            try await stage.submit(1, 2, 3, 4, 5, 6)
            _ = try await stage.sent()
            let flushes = stage.flushes
            try await stage.receive(Self.reply(1) + Self.reply(2) + Self.reply(3))
            #expect(stage.outcomes.count == 3)
            #expect(stage.flushes == flushes + 1)
            #expect(try await stage.sent() == [Self.request(4), Self.request(5), Self.request(6)])
        }
    }

    @Test("Many large requests are sent in several writes, each request once")
    func pieces() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            _ = try await stage.sent()
            let flushes = stage.flushes
            let params = "{\"x\":\"\(String(repeating: "x", count: 20_000))\"}"
            try await stage.submit(2, 3, 4, 5, params: params)
            #expect(stage.flushes == flushes + 2)
            let ids = try await stage.sent().map { String($0.prefix { $0 != "m" }) }
            #expect(ids == (2...5).map { "{\"jsonrpc\":\"2.0\",\"id\":\($0),\"" })
        }
    }

    @Test("Bytes that the socket does not take are kept")
    func writability() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            _ = try await stage.sent()
            try await stage.setWritable(false)
            try await stage.submit(2)
            #expect(try await stage.sent() == [])
            try await stage.setWritable(true)
            #expect(try await stage.sent() == [Self.request(2)])
        }
    }

    @Test(
        "The client disconnects from a peer that violates the protocol",
        arguments: [
            (
                "HTTP/1.1 400 Bad Request\r\n",
                "the daemon sent an invalid frame: expected a length in digits or '{'"
            ),
            ("9999\n", "the daemon sent an invalid frame: a body of 9999 bytes is over the cap of 1000"),
            ("2\n{}\n", "the daemon sent an invalid response: expected a result"),
            ("2\n[]\n", "the daemon sent an invalid response: expected an object"),
            ("3\n{\"\n\n", "the daemon sent an invalid response: "),
            ("{\"id\":null,\"result\":{}}\n", "the daemon sent a result without an id"),
            ("{\"id\":8,\"result\":{}}\n", "the daemon answered a request that was not sent"),
            ("{\"id\":\"1\",\"result\":{}}\n", "the daemon answered a request that was not sent"),
        ])
    func garbage(text: String, message: String) async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            try await stage.receive(text)
            #expect(stage.outcomes.count == 1)
            #expect(stage.outcomes.first?.hasPrefix("1: \(message)") == true, "\(stage.outcomes)")
            #expect(!stage.isOpen)
        }
    }

    @Test("An error without id fails the calls with it and ends the connection")
    func refused() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            try await stage.receive("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":429,\"message\":\"full\"}}\n")
            #expect(stage.outcomes == ["1: full"])
            #expect(!stage.isOpen)
        }
    }

    @Test("The driver reconnects with backoff until a daemon responds, and sends the waiting requests")
    func reconnect() async throws {
        try await DriverStage.with(window: 1) { stage in
            try await stage.submit(1, 2)
            stage.isReachable = false
            try await stage.receive(Self.reply(1))
            try await stage.hangUp()
            #expect(stage.outcomes.last == "2: the connection to the daemon closed before the response arrived")
            try await stage.submit(3)
            await stage.loop.advanceTime(by: .seconds(2))
            #expect(stage.connections == 1)
            stage.isReachable = true
            await stage.loop.advanceTime(by: .seconds(1))
            #expect(stage.connections == 2)
            #expect(try await stage.sent() == [Self.hello])
            try await stage.receive(Self.greeting)
            #expect(try await stage.sent() == [Self.request(3, timeout: 27_000)])
        }
    }

    @Test("After the deadline, the error says why there was no connection")
    func unreachable() async throws {
        try await DriverStage.with { stage in
            stage.isReachable = false
            try await stage.submit(1, timeout: .seconds(3))
            await stage.loop.advanceTime(by: .milliseconds(2999))
            #expect(stage.outcomes == [])
            await stage.loop.advanceTime(by: .milliseconds(1))
            #expect(stage.outcomes == ["1: cannot connect to /s"])
        }
    }

    @Test("A drained connection is replaced when its calls have ended")
    func drain() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            try await stage.receive("{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.Draining\",\"params\":{}}\n")
            try await stage.receive("{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.Unheard\",\"params\":{}}\n")
            try await stage.submit(2)
            #expect(stage.connections == 1)
            #expect(stage.isOpen)
            try await stage.receive(Self.reply(1))
            #expect(stage.outcomes == ["1: {\"for\":1}"])
            #expect(stage.connections == 2)
            #expect(try await stage.sent() == [Self.hello, Self.request(2)])
        }
    }

    @Test("Closing ends calls and connection, and leaves no timer behind")
    func close() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            try await stage.close()
            #expect(stage.outcomes == ["1: the client is closed; create a new one"])
            #expect(!stage.isOpen)
            try await stage.submit(2)
            #expect(stage.outcomes.last == "2: the client is closed; create a new one")
            await stage.loop.advanceTime(by: .hours(1))
            #expect(stage.connections == 1)
            #expect(stage.outcomes.count == 2)
        }
    }
}
