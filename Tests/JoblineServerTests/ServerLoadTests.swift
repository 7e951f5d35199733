import Glibc
import JoblineBackend
import JoblineProtocol
import NIOCore
import NIOPosix
import Testing

@testable import JoblineServer

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}

/// Tests that one client cannot harm the server or other clients.
@Suite(.timeLimit(.minutes(3))) struct ServerLoadTests {
    @Test("A 429 names method and user, and a request passes at the advised time and not before")
    func rateLimit() async throws {
        let clock = ManualClock()
        let limits = LimitConfiguration(
            clientRead: .init(perSecond: 3, burst: 1),
            methods: ["ComprehendMedical.StopRxNormInferenceJob": .init(perSecond: 1, burst: 5)])
        try await withServer(limits: limits, clock: clock.clock) { server in
            let client = try await server.client()
            try await client.send(describe("x", id: 1) + "\n")
            #expect(await client.line() == described("x", id: 1))
            clock.advance(by: .nanoseconds(1))
            try await client.send(describe("x", id: 2) + "\n")
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(2))
            #expect(error.code == .tooManyRequests)
            #expect(error.type == "TooManyRequestsException")
            #expect(error.scope == "client")
            #expect(error.message.contains("ComprehendMedical.DescribeRxNormInferenceJob"))
            #expect(error.message.contains("uid \(getuid())"))
            #expect(error.processed == false)
            #expect(error.retryAfterMilliseconds == 334)

            // Writes of the same user and unlimited methods pass; a new connection changes nothing.
            let other = try await server.client()
            try await other.send(
                "{\"method\":\"ComprehendMedical.StopRxNormInferenceJob\",\"params\":{\"JobId\":\"x\"}}\n")
            #expect(await other.line() == #"{"jsonrpc":"2.0","id":null,"result":{"JobId":"x"}}"#)
            try await other.send("{\"method\":\"rpc.ping\"}\n" + describe("x", id: 3) + "\n")
            let lines = [await other.line(), await other.line()]
            #expect(lines.contains(pong))
            #expect(lines.contains { $0?.contains("\"code\":429") == true })

            clock.advance(by: .milliseconds(333))
            try await client.send(describe("x", id: 4) + "\n")
            #expect(try failure(await client.line()).error.retryAfterMilliseconds == 1)
            clock.advance(by: .milliseconds(1))
            try await client.send(describe("x", id: 5) + "\n")
            #expect(await client.line() == described("x", id: 5))
            #expect(server.server.statistics.limits.refused == ["client": 3])
            await client.close()
            await other.close()
        }
    }

    @Test("Limits are checked before the parameters")
    func limitFirst() async throws {
        let clock = ManualClock()
        try await withServer(limits: .init(clientRead: .init(perSecond: 1, burst: 1)), clock: clock.clock) { server in
            let client = try await server.client()
            let bad = "{\"method\":\"ComprehendMedical.DescribeRxNormInferenceJob\",\"params\":{\"JobId\":7}}\n"
            try await client.send(bad + bad)
            #expect(try failure(await client.line()).error.code == .invalidParams)
            #expect(try failure(await client.line()).error.code == .tooManyRequests)
            await client.close()
        }
    }

    @Test("A client that never reads is closed, and others are served meanwhile")
    func slowConsumer() async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.softOutputBytes = 64 << 10
            $0.hardOutputBytes = 512 << 10
        }
        try await withServer(configure: configure) { server in
            let slow = try await server.client(reads: false)
            let other = try await server.client()
            try await slow.send((1...4).map { describe("bytes-1000000", id: $0) + "\n" }.joined())
            for id in 1...20 {
                try await other.send(describe("x", id: id) + "\n")
                #expect(await other.line() == described("x", id: id))
            }
            await slow.closed()
            try await other.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await other.line() == pong)
            await other.close()
        }
    }

    @Test("A client that reads gets every reply, even beyond the output caps")
    func backpressure() async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.softOutputBytes = 64 << 10
            // Long enough for a slow test client.
            $0.defaultTimeout = .seconds(300)
        }
        try await withServer(configure: configure) { server in
            let client = try await server.client()
            for _ in 1...40 { try await client.send(describe("bytes-100000") + "\n") }
            try await client.halfClose()
            var count = 0
            while let line = await client.line() {
                #expect(line.utf8.count > 100_000)
                count += 1
            }
            #expect(count == 40)
        }
    }

    @Test("One request waits for its turn, not for all requests of another connection")
    func turns() async throws {
        // Only connections of the same event loop take turns.
        let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await withServer(group: thread, configure: { $0.backendLimits[0].read = 1 }) { server in
            let greedy = try await server.client()
            try await greedy.send((1...100).map { (id: Int) in describe("wait-\(id)", id: id) + "\n" }.joined())
            await server.gates.arrival(at: "1")
            let modest = try await server.client()
            try await modest.send(describe("x", id: 1) + "\n{\"method\":\"rpc.ping\"}\n")
            // Pings have their own slots: the reply to this one shows that the request before it was read.
            #expect(await modest.line() == pong)
            server.gates.open("1")
            server.gates.open("2")
            #expect(await modest.line() == described("x", id: 1))
            #expect(server.gates.arrivals(at: "4") == 0)
            for number in 3...100 { server.gates.open("\(number)") }
            for _ in 1...100 { #expect((await greedy.line() ?? "").contains("result")) }
            await modest.close()
            await greedy.close()
        }
        try await thread.shutdownGracefully()
    }

    @Test("The bytes of requests in flight are limited: one more is refused, and passes later")
    func bytesInFlight() async throws {
        try await withServer(configure: { $0.inFlightBytes = 10_000 }) { server in
            let client = try await server.client()
            let filler = String(repeating: "x", count: 6000)
            func request(_ job: String, _ id: Int) -> String {
                #"{"id":\#(id),"method":"ComprehendMedical.DescribeRxNormInferenceJob","#
                    + #""params":{"JobId":"\#(job)","Ignored":"\#(filler)"}}"# + "\n"
            }
            try await client.send(request("wait-a", 1))
            await server.gates.arrival(at: "a")
            try await client.send(request("x", 2))
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(2))
            #expect(error.code == .tooManyRequests)
            #expect(error.scope == "connection")
            #expect(error.processed == false)
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 1))
            try await client.send(request("x", 3))
            #expect(await client.line() == described("x", id: 3))
            await client.close()
        }
    }

    @Test("The memory of a user's connections is limited: the one that exceeds it gets an error and is closed")
    func userBytes() async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.userBytes = 300_000
            // The half-sent frame stays incomplete, however slow the machine.
            $0.frameTimeout = .seconds(3600)
        }
        try await withServer(configure: configure) { server in
            let half = "900000\n" + String(repeating: "x", count: 130_000)
            let first = try await server.client()
            try await first.send(half)
            while server.server.status.heldBytes < 130_000 { await Task.yield() }
            let second = try await server.client()
            second.sendAnyway(half + half)
            let (id, error) = try failure(await second.line())
            #expect(id == nil)
            #expect(error.code == .unavailable)
            #expect(error.processed == false)
            #expect(await second.rest() == "")
            await second.close()
            let third = try await server.client()
            try await third.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await third.line() == pong)
            await first.close()
            await third.close()
            while server.server.status.heldBytes > 0 { await Task.yield() }
        }
    }

    @Test("Unread replies are limited for all connections of a user together")
    func unreadReplies() async throws {
        try await withServer(configure: { $0.userBytes = 3 << 20 }) { server in
            let other = try await server.client()
            let slow = try await (0..<8).asyncMap { _ in try await server.client(reads: false) }
            for client in slow { try await client.send(describe("bytes-1000000", id: 1) + "\n") }
            // The kernel holds a part of each reply, which does not count.
            while server.server.status.connections > 6 || server.server.status.heldBytes > 3 << 20 {
                await Task.yield()
            }
            try await other.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await other.line() == pong)
            for client in slow { await client.close() }
            await other.close()
        }
    }

    @Test("A connection over its user's cap gets an error and is closed, until another one closes")
    func connectionCap() async throws {
        try await withServer {
            $0.connections = 3
            $0.connectionsPerUser = 2
        } _: { server in
            let first = try await server.client()
            let second = try await server.client()
            for client in [first, second] {
                try await client.send("{\"method\":\"rpc.ping\"}\n")
                #expect(await client.line() == pong)
            }
            let third = try await server.client()
            third.sendAnyway("{\"method\":\"rpc.ping\"}\n")
            let (id, error) = try failure(await third.line())
            #expect(id == nil)
            #expect(error.code == .unavailable)
            #expect(error.processed == false)
            #expect(error.retryable == true)
            #expect(
                error.message.contains("uid \(getuid()) has 2 open") && error.message.contains("connections.perUser"))
            #expect(await third.rest() == "")
            try await first.halfClose()
            #expect(await first.rest() == "")
            while server.server.status.connections > 1 { await Task.yield() }
            let fourth = try await server.client()
            try await fourth.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await fourth.line() == pong)
            await second.close()
            await fourth.close()
        }
    }

    @Test("A ping reaches all event loops, and the status counts connections")
    func status() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            try await server.server.ping()
            #expect(server.server.status.connections == 1)
            #expect(server.server.status.inFlight == 1)
            #expect(!server.server.status.isDraining)
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 1))
            await client.close()
        }
    }
}
