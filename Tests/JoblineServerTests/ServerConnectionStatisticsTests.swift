import JoblineProtocol
import Testing

@testable import JoblineServer

/// Each connection is counted once, with the reason for its end, and leaves nothing behind.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ServerConnectionStatisticsTests {
    private static let describing = "ComprehendMedical.DescribeRxNormInferenceJob"

    @Test("The requests of a lost connection are counted as lost, and leave nothing behind")
    func lost() async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            for id in 1...50 { try await client.send(describe("wait-a", id: id) + "\n") }
            for _ in 1...3 { try await client.send(describe("wait-a") + "\n") }
            // Decided before the connection was lost, so not lost itself.
            try await client.send("{\"id\":99,\"method\":\"rpc.cancel\",\"params\":{\"id\":50}}\n")
            _ = (await client.line(), await client.line())
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["lost": 52, "499": 1], "rpc.cancel": ["ok": 1]])
        #expect(statistics.connections.closed == ["peer": 1])
    }

    @Test("A slow consumer is closed, and no unsent bytes are left")
    func slowConsumer() async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.softOutputBytes = 64 << 10
            $0.hardOutputBytes = 512 << 10
        }
        let statistics = try await Statistician.statistics(configure: configure) { server in
            let client = try await server.client(reads: false)
            for id in 1...4 { client.sendAnyway(describe("bytes-1000000", id: id) + "\n") }
            await client.closed()
        }
        #expect(statistics.connections.closed == ["slow-consumer": 1])
        #expect(statistics.traffic.bytesOut < 1_000_000)
    }

    @Test(
        "A connection is counted by the reason for its end",
        arguments: [
            ("", "peer"), ("{\"method\":\"rpc.ping\"}\n", "peer"), ("GET / HTTP/1.1\r\n\r\n", "broken-frame"),
            ("10\n{", "broken-frame"),
        ])
    func ends(sent: String, reason: String) async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            if !sent.isEmpty { client.sendAnyway(sent) }
            // The server may have closed after invalid bytes.
            try? await client.halfClose()
            _ = await client.rest()
        }
        #expect(statistics.connections.closed == [reason: 1])
    }

    @Test("A frame timeout has its own reason for the end")
    func frameTimeout() async throws {
        let statistics = try await Statistician.statistics {
            $0.frameTimeout = .milliseconds(10)
        } _: { server in
            let client = try await server.client()
            try await client.send("10\n{")
            #expect(try failure(await client.line()).error.code == .parseError)
            await client.close()
        }
        #expect(statistics.connections.closed == ["frame-timeout": 1])
        #expect(statistics.outcomes == [:])
    }

    @Test("A connection over its user's memory has its own reason for the end, and leaves nothing behind")
    func userBytes() async throws {
        let statistics = try await Statistician.statistics {
            $0.userBytes = 100_000
            $0.frameTimeout = .seconds(300)
        } _: { server in
            let client = try await server.client()
            client.sendAnyway("900000\n" + String(repeating: "x", count: 200_000))
            #expect(try failure(await client.line()).error.code == .unavailable)
            await client.close()
        }
        #expect(statistics.connections.closed == ["user-bytes": 1])
    }

    @Test("Connections over the cap are accepted, refused and closed")
    func refused() async throws {
        let statistics = try await Statistician.statistics {
            $0.connections = 4
            $0.connectionsPerUser = 1
        } _: { server in
            for _ in 1...3 {
                let client = try await server.client()
                #expect(try failure(await client.line()).error.code == .unavailable)
                await client.close()
            }
        }
        #expect(statistics.connections.refused == ["user": 3])
        #expect(statistics.connections.closed == ["refused": 3])
        #expect(statistics.connections.accepted == 4)
    }

    @Test("A drain refuses waiting and new requests, ends those in flight, and counts each")
    func drain() async throws {
        try await withServer {
            $0.drainTimeout = .seconds(60)
        } _: { server in
            let client = try await server.client()
            try await client.send(describe("wait-a") + "\n")
            try await client.send(describe("x") + "\n")
            try await client.sendFramed(describe("x"))
            try await client.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a", count: 2)
            let idle = try await server.client()
            try await idle.send("{\"method\":\"rpc.ping\"}\n")
            _ = await idle.line()
            server.server.drain()
            #expect(await idle.line()?.contains("Sidecar.Draining") == true)
            #expect(await idle.rest() == "")
            // The idle connection has the notice; the busy one gets it on its own event loop.
            while server.server.statistics.requests.waiting > 0 { await Task.yield() }
            try await client.sendFramed(describe("x", id: 2))
            server.gates.open("a")
            _ = await client.rest()
            while server.server.status.connections > 0 { await Task.yield() }
            let statistics = server.server.statistics
            let codes = statistics.methods.first { $0.method == Self.describing }?.codes
            #expect(codes == ["ok": 2, "503": 3])
            #expect(statistics.connections.closed == ["drain": 2])
            #expect(statistics.requests.inFlight == 0)
        }
    }
}
