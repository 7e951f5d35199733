import JoblineProtocol
import NIOCore
import NIOPosix
import Testing

@testable import JoblineServer

/// Many clients that do anything, from a seed; whatever they do, the server goes on and forgets nothing.
@Suite struct ServerChaosTests {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Something a client may send, broken in some way now and then.
    private static func bytes(_ generator: inout Generator) -> String {
        let id = Int.random(in: 1...8, using: &generator)
        switch Int.random(in: 0..<14, using: &generator) {
        case 0...3: return "{\"method\":\"rpc.ping\"}\n"
        case 4: return describe("wait-never", id: id, timeout: 5) + "\n"
        case 5: return describe("wait-never", timeout: 2) + "\n"
        case 6: return describe("bytes-50000", id: id) + "\n"
        case 7: return "{\"method\":\"rpc.cancel\",\"params\":{\"id\":\(id)}}\n"
        case 8: return "{nonsense}\n"
        case 9: return "45\n{\"jsonrpc\":\"2.0\",\"id\":1\(id),\"method\":\"rpc.ping\"}\n"
        case 10: return "{\"method\":\"rpc.discover\",\"id\":\(id)}\n"
        case 11: return String(describe("x", id: id).prefix(Int.random(in: 0...40, using: &generator)))
        case 12: return String(repeating: "{\"id\":\(id),\"method\":\"No.Such\"}\n", count: 300)
        default: return "\n"
        }
    }

    private static func misbehave(_ server: TestServer, _ seed: UInt64) async throws {
        var generator = Generator(state: seed)
        let client = try await server.client(reads: Int.random(in: 0..<4, using: &generator) > 0)
        for _ in 0..<Int.random(in: 1...20, using: &generator) { client.sendAnyway(bytes(&generator)) }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: try? await client.halfClose()
        case 1: try? await client.send("{\"method\":\"rpc.ping\"}\n")
        default: break
        }
        await client.close()
    }

    @Test("After random traffic nothing is left over, and the server answers", arguments: [1, 2, 3])
    func chaos(seed: UInt64) async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.softOutputBytes = 64 << 10
            $0.hardOutputBytes = 256 << 10
            $0.inFlight = 16
            $0.requestsPerTurn = 4
        }
        try await withServer(configure: configure) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<UInt64(40) {
                    group.addTask { try await Self.misbehave(server, seed << 32 | number) }
                }
                try await group.waitForAll()
            }
            let statistician = try await Statistician(server)
            while server.server.statistics.connections.accepted < 41 { await Task.yield() }
            let statistics = try await statistician.calm()
            #expect(statistics.isWhole, "\(statistics)")
            await statistician.close()
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            await client.close()
        }
    }

    @Test("A drain during random traffic ends in time", arguments: [4, 5, 6])
    func drain(seed: UInt64) async throws {
        try await withServer {
            $0.drainTimeout = .seconds(60)
        } _: { server in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<UInt64(40) {
                    group.addTask {
                        if number == 20 { server.server.drain() }
                        // Late clients cannot connect.
                        try? await Self.misbehave(server, seed << 32 | number)
                    }
                }
            }
        }
    }
}
