import Glibc
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Rules and limits of a server that serves, and what becomes of them when they are replaced.
@Suite struct ServerAccessTests {
    private static let stop = "{\"method\":\"ComprehendMedical.StopRxNormInferenceJob\",\"params\":{\"JobId\":\"x\"}}\n"
    private static let stopped = #"{"jsonrpc":"2.0","id":null,"result":{"JobId":"x"}}"#
    private static let readers = AccessRules(write: .init())

    private func hello(_ client: RawClient) async throws -> RPC.HelloResponse {
        try await client.send("{\"method\":\"rpc.hello\"}\n")
        let frame = Frame(form: .bare, body: .init(string: try #require(await client.line())))
        guard case .reply(_, .success(let result)) = try ServerMessage(frame) else { throw NoFailure(line: nil) }
        return try RPC.HelloResponse(json: result)
    }

    private func reconfigure(
        _ server: TestServer, limits: LimitConfiguration = LimitConfiguration(), access: AccessRules = AccessRules(),
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = ServerConfiguration()
        change(&configuration)
        try server.server.reconfigure(configuration, limits: limits.resolve(), access: access)
    }

    @Test("A caller without the right to write can read, and the error names method, user and key")
    func denied() async throws {
        try await withServer(access: Self.readers) { server in
            let client = try await server.client()
            try await client.send(Self.stop)
            let (_, error) = try failure(await client.line())
            #expect(error.code == .forbidden)
            #expect(error.type == "AccessDeniedException")
            #expect(error.processed == false && error.retryable == false)
            for word in ["uid \(getuid())", "ComprehendMedical.StopRxNormInferenceJob", "access.write"] {
                #expect(error.message.contains(word), "\(error.message)")
            }
            try await client.send(describe("x", id: 1) + "\n")
            #expect(await client.line() == described("x", id: 1))
            #expect(try await hello(client).access == [.read])
            await client.close()
        }
    }

    @Test("A caller without rights can call rpc.hello, and learns only whether a method exists")
    func nothing() async throws {
        try await withServer(access: .init(read: .init(), write: .init())) { server in
            let client = try await server.client()
            #expect(try await hello(client).access == [])
            try await client.send("{\"method\":\"rpc.ping\"}\n{\"method\":\"rpc.cancel\",\"params\":{\"id\":1}}\n")
            #expect(await client.line() == pong)
            #expect(await client.line() == pong)
            for method in ["rpc.discover", "Sidecar.GetInfo", "Personalize.ListBatchSegmentJobs"] {
                try await client.send("{\"method\":\"\(method)\"}\n")
                let (_, error) = try failure(await client.line())
                #expect(error.code == .forbidden)
                #expect(error.type == "AccessDeniedException")
                #expect(error.message.contains("access.read"))
            }
            try await client.send("{\"method\":\"No.Such\"}\n")
            #expect(try failure(await client.line()).error.code == .methodNotFound)
            await client.close()
        }
    }

    @Test("Access is checked before limits and parameters, and a refusal takes no token")
    func first() async throws {
        let limits = LimitConfiguration(clientWrite: .init(perSecond: 1, burst: 1))
        try await withServer(limits: limits, access: Self.readers, clock: ManualClock().clock) { server in
            let client = try await server.client()
            let bad = "{\"method\":\"ComprehendMedical.StopRxNormInferenceJob\",\"params\":{\"JobId\":7}}\n"
            for _ in 1...3 {
                try await client.send(bad)
                #expect(try failure(await client.line()).error.code == .forbidden)
            }
            try reconfigure(server, limits: limits)
            // The token was not taken.
            try await client.send(Self.stop)
            #expect(await client.line() == Self.stopped)
            try await client.send(Self.stop)
            #expect(try failure(await client.line()).error.code == .tooManyRequests)
            await client.close()
        }
    }

    @Test("New access rules apply to open connections and to waiting requests")
    func withdrawn() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(Self.stop)
            #expect(await client.line() == Self.stopped)
            try await client.send(describe("wait-a") + "\n" + Self.stop)
            await server.gates.arrival(at: "a")
            try reconfigure(server, access: Self.readers)
            server.gates.open("a")
            // Requests that have begun finish.
            #expect(await client.line() == described("wait-a"))
            #expect(try failure(await client.line()).error.code == .forbidden)
            try reconfigure(server)
            try await client.send(Self.stop)
            #expect(await client.line() == Self.stopped)
            await client.close()
        }
    }

    @Test("New limits apply to the next request, and grant no second burst")
    func limits() async throws {
        let clock = ManualClock()
        func reads(_ perSecond: Double, _ burst: Double) -> LimitConfiguration {
            LimitConfiguration(clientRead: .init(perSecond: perSecond, burst: burst))
        }
        try await withServer(limits: reads(1, 2), clock: clock.clock) { server in
            let client = try await server.client()
            func passes() async throws -> Int? {
                try await client.send(describe("x", id: 1) + "\n")
                let line = await client.line()
                return line == described("x", id: 1) ? nil : try failure(line).error.retryAfterMilliseconds
            }
            #expect(try await passes() == nil)
            #expect(try await passes() == nil)
            #expect(try await passes() == 1000)
            try reconfigure(server, limits: reads(100, 50))
            #expect(try await passes() == 10)
            clock.advance(by: .milliseconds(10))
            #expect(try await passes() == nil)
            #expect(try await passes() == 10)
            clock.advance(by: .seconds(1))
            try reconfigure(server, limits: reads(1, 2))
            #expect(try await passes() == nil)
            #expect(try await passes() == nil)
            #expect(try await passes() == 1000)
            await client.close()
        }
    }

    @Test("New caps apply to the next connection, and close none")
    func caps() async throws {
        try await withServer { server in
            let (first, second) = (try await server.client(), try await server.client())
            for client in [first, second] { #expect(try await hello(client).limits.connectionsPerUser == 256) }
            try reconfigure(server) { ($0.connections, $0.connectionsPerUser) = (2, 1) }
            let third = try await server.client()
            #expect(try failure(await third.line()).error.message.contains("connections.perUser"))
            #expect(await third.rest() == "")
            for client in [first, second] { #expect(try await hello(client).limits.connections == 2) }
            try reconfigure(server) { ($0.connections, $0.connectionsPerUser) = (4, 3) }
            let fourth = try await server.client()
            #expect(try await hello(fourth).limits.connectionsPerUser == 3)
            for client in [first, second, fourth] { await client.close() }
        }
    }

    @Test("New sizes apply to the next connection, and open ones keep theirs")
    func sizes() async throws {
        try await withServer { server in
            let first = try await server.client()
            #expect(try await hello(first).limits.inFlight == 256)
            try reconfigure(server) { $0.inFlight = 7 }
            let second = try await server.client()
            #expect(try await hello(second).limits.inFlight == 7)
            #expect(try await hello(first).limits.inFlight == 256)
            await first.close()
            await second.close()
        }
    }

    @Test("A configuration with a number out of range changes nothing")
    func allOrNothing() async throws {
        try await withServer { server in
            let client = try await server.client()
            let error = #expect(throws: ServerError.self) {
                try reconfigure(server, limits: .init(clientWrite: .init(perSecond: 1, burst: 1)), access: Self.readers)
                { ($0.connections, $0.connectionsPerUser) = (4, 4) }
            }
            #expect(error?.message.contains("1 to 3") == true)
            for _ in 1...3 {
                try await client.send(Self.stop)
                #expect(await client.line() == Self.stopped)
            }
            #expect(try await hello(client).limits.connections == 4096)
            await client.close()
        }
    }
}
