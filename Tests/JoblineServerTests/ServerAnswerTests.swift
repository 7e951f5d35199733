import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Tests that cached results are indistinguishable from fresh ones.
@Suite struct ServerAnswerTests {
    private static let method = "ComprehendMedical.DescribeRxNormInferenceJob"

    /// Cache dependency that the service declared.
    private func ask(_ client: RawClient, _ id: String) async throws -> String {
        try await client.send(describe(id) + "\n")
        return try #require(await client.line())
    }

    private static func answer(_ id: String, _ message: String) -> String {
        #"{"jsonrpc":"2.0","id":null,"result":{"ComprehendMedicalAsyncJobProperties":{"JobId":"\#(id)","Message":"\#(message)"}}}"#
    }

    @Test("A result is cached until its record changes")
    func again() async throws {
        let records = ScriptedRecords()
        try await withServer(cache: ResponseCache(records, bytes: 1 << 20)) { server in
            let (first, second) = (try await server.client(), try await server.client())
            for client in [first, second, first] {
                #expect(try await ask(client, "record-1") == Self.answer("record-1", "asked 1"))
            }
            records.change(2)
            #expect(try await ask(first, "record-1") == Self.answer("record-1", "asked 1"))
            records.change(1)
            #expect(try await ask(second, "record-1") == Self.answer("record-1", "asked 2"))
            await first.close()
            await second.close()
        }
    }

    @Test("Cached replies have the form and the id of their request, before later replies of others")
    func forms() async throws {
        try await withServer(cache: ResponseCache(ScriptedRecords(), bytes: 1 << 20)) { server in
            let client = try await server.client()
            _ = try await ask(client, "record-1")
            try await client.send(describe("wait-a", id: 1) + "\n" + describe("record-1", id: 2) + "\n")
            #expect(try #require(await client.line()).hasPrefix(#"{"jsonrpc":"2.0","id":2,"result""#))
            // A reply without id keeps its place in the order.
            try await client.send(describe("wait-b") + "\n" + describe("record-1") + "\n")
            server.gates.open("a")
            #expect(try #require(await client.line()).hasPrefix(#"{"jsonrpc":"2.0","id":1,"result""#))
            server.gates.open("b")
            #expect(try #require(await client.line()).contains("wait-b"))
            #expect(try #require(await client.line()).contains("record-1"))
            await client.close()
        }
    }

    @Test("A plain request gets the same reply from the cache as from the service")
    func unread() async throws {
        let records = ScriptedRecords()
        try await withServer(cache: ResponseCache(records, bytes: 1 << 20)) { server in
            let client = try await server.client()
            let start = #"{"jsonrpc":"2.0","id":1,"method":"\#(Self.method)""#
            let params = #""params":{"JobId":"record-1"}}"#
            for (times, timeout) in [(1, ""), (2, ""), (3, #""timeoutMs":1000,"#)] {
                let body = "\(start),\(timeout)\(params)"
                try await client.send("\(body.utf8.count)\n\(body)\n")
                let length = try #require(await client.line())
                let reply = try #require(await client.line())
                #expect(reply == Self.answer("record-1", "asked 1").replacing("null", with: "1"))
                #expect(length == "\(reply.utf8.count)")
                #expect(server.server.statistics.requests.received == times)
            }
            await client.close()
        }
    }

    @Test("A cache hit is counted and limited like any request, and needs the right to read")
    func rules() async throws {
        let limits = LimitConfiguration(clientRead: .init(perSecond: 0.001, burst: 3))
        try await withServer(limits: limits, cache: ResponseCache(ScriptedRecords(), bytes: 1 << 20)) { server in
            let client = try await server.client()
            for _ in 1...3 { #expect(try await ask(client, "record-1") == Self.answer("record-1", "asked 1")) }
            let (_, error) = try failure(try await ask(client, "record-1"))
            #expect(error.code == .tooManyRequests && error.retryAfterMilliseconds != nil && error.processed == false)
            let statistics = server.server.statistics
            let method = statistics.methods.first { $0.method == Self.method }
            #expect(method?.codes == ["ok": 3, "429": 1])
            #expect(method?.latency?.count == 3)
            try server.server.reconfigure(
                ServerConfiguration(), limits: LimitConfiguration().resolve(), access: .init(read: .init()))
            let (_, refusal) = try failure(try await ask(client, "record-1"))
            #expect(refusal.code == .forbidden)
            await client.close()
        }
    }

    @Test("A cache miss takes one token, and a refused request is not decoded")
    func limitedOnce() async throws {
        let limits = LimitConfiguration(clientRead: .init(perSecond: 0.001, burst: 4))
        try await withServer(limits: limits, cache: ResponseCache(ScriptedRecords(), bytes: 1 << 20)) { server in
            let client = try await server.client()
            for id in 1...4 {
                let body =
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(Self.method)","params":{"JobId":"record-\#(id)"}}"#
                // Two plain requests, and two that need the JSON reader.
                try await client.send(id <= 2 ? body + "\n" : body.replacing(#","id""#, with: #", "id""#) + "\n")
                #expect(try #require(await client.line()).contains("asked"))
            }
            try await client.send(describe("record-9", id: 9) + "\n")
            let (_, error) = try failure(await client.line())
            #expect(error.code == .tooManyRequests && error.scope == "client")
            #expect(server.server.statistics.limits.passed == 4)
            await client.close()
        }
    }

    @Test("A refusal names its own method and time, on every connection")
    func refused() async throws {
        let clock = ManualClock()
        let limits = LimitConfiguration(clientRead: .init(perSecond: 1, burst: 1))
        try await withServer(
            limits: limits, cache: ResponseCache(ScriptedRecords(), bytes: 1 << 20), clock: clock.clock
        ) { server in
            let clients = [try await server.client(), try await server.client()]
            _ = try await ask(clients[0], "record-1")
            for (passed, wait) in [(0, 1000), (1, 999), (599, 400)] {
                clock.advance(by: .milliseconds(passed))
                for client in clients {
                    for name in ["RxNormInferenceJob", "PHIDetectionJob", "RxNormInferenceJob"] {
                        try await client.send(describe("record-1").replacing("RxNormInferenceJob", with: name) + "\n")
                        let (_, error) = try failure(await client.line())
                        #expect(error.message.hasSuffix("at ComprehendMedical.Describe\(name)"))
                        #expect(error.retryAfterMilliseconds == wait)
                    }
                }
            }
            for client in clients { await client.close() }
        }
    }

    @Test("An id in flight is refused, even if the result is cached")
    func duplicate() async throws {
        try await withServer(cache: ResponseCache(ScriptedRecords(), bytes: 1 << 20)) { server in
            let client = try await server.client()
            _ = try await ask(client, "record-1")
            try await client.send(describe("wait-a", id: 1) + "\n" + describe("record-1", id: 1) + "\n")
            let (_, error) = try failure(await client.line())
            #expect(error.code == .invalidRequest)
            server.gates.open("a")
            _ = await client.line()
            await client.close()
        }
    }
}
