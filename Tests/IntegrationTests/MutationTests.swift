import Jobline
import FuzzSupport
import JoblineProtocol
import NIOCore
import Subprocess
import TestSupport
import Testing

/// Sends a real daemon what broken programs may send, mutated from well-formed streams.
@Suite("Broken input", .timeLimit(.minutes(5)))
struct MutationTests {
    private static let connections = 400
    /// Connections at a time.
    private static let width = 16
    private static let longestPiece = 200

    @Test("Each request has exactly one reply, the connection ends, and the daemon continues")
    func mutated() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                let mutator = try Mutator(Seeds().requests)
                for first in stride(from: 0, to: Self.connections, by: Self.width) {
                    await withTaskGroup(of: Void.self) { group in
                        for number in first..<first + Self.width {
                            group.addTask { await Self.misbehave(number, mutator, daemon.socket) }
                        }
                    }
                    let pong = try await ByteExchange.send(
                        [Array("{\"method\":\"rpc.ping\"}\n".utf8)], to: daemon.socket)
                    #expect(String(decoding: pong, as: UTF8.self) == #"{"jsonrpc":"2.0","id":null,"result":{}}"# + "\n")
                }
                try await Self.awaitCalm(daemon)
            }
            #expect(end.status == .exited(0))
        }
    }

    /// Waits until the daemon only counts the connection that asks.
    private static func awaitCalm(_ daemon: DaemonProcess) async throws {
        try await daemon.client { client in
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                let now = try await client.sidecar.getStatistics()
                let isCalm =
                    now.connections.open == 1 && now.requests.inFlight == 1 && now.requests.waiting == 0
                    && now.requests.pending == 0 && now.traffic.unsentBytes == 0 && now.traffic.heldBytes == 0
                if isCalm { return }
                try #require(ContinuousClock.now < deadline, "\(now)")
            }
        }
    }

    /// One connection, with its bytes in reads of random size.
    private static func misbehave(_ number: Int, _ mutator: Mutator, _ socket: String) async {
        var random = TestSeed.random(forInput: number)
        let wire = mutator.make(&random)
        let split = ReadSplit.random(seed: random.next(), longest: longestPiece)
        do {
            let ledger: @Sendable ([UInt8]) throws -> ReplyLedger = { received in
                try ReplyLedger(
                    limits: .requests, sent: ByteBuffer(bytes: wire), received: ByteBuffer(bytes: received))
            }
            let received = try await ByteExchange.send(
                split.reads(of: wire).map { Array($0.readableBytesView) }, to: socket
            ) { received in
                // An incomplete frame is an error here; it is decoded again with later bytes.
                (try? ledger(received).isSettled) ?? false
            }
            let end = try ledger(received)
            guard end.isExact else { throw Violation("received \(end.received), due \(end.due)") }
        } catch {
            Issue.record("\(error)\nJOBLINE_TEST_SEED=\(TestSeed.value), input \(number): \(wire.hexadecimal)")
        }
    }
}
