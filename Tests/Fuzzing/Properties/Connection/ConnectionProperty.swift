import FuzzSupport
import JoblineProtocol
import NIOCore

@testable import JoblineServer

/// Every request gets exactly one final reply, and a closed connection leaves no resources behind.
enum ConnectionProperty {
    private static let longestPiece = 96
    /// Milliseconds, longer than any timer of the server.
    private static let longestPause = 12_000

    static func check(_ input: FuzzInput) async throws(Violation) {
        do {
            var run = Run(harness: try await ConnectionHarness(), random: input.random)
            try await run.play(input.wire)
            try run.checkReplies()
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation("the peer or the harness failed: \(error)")
        }
    }

    /// One connection from start to end.
    private struct Run: ~Copyable {
        let harness: ConnectionHarness
        var random: SeededRandom
        var ledger = ReplyLedger(limits: ConnectionHarness.configuration.frameLimits)
        var isReading = true
        /// Whether the connection was closed while replies were due; they can be missing then.
        var isCut = false
        /// Whether a frame may have exceeded its timeout.
        var mayHaveStalled = false

        mutating func play(_ wire: [UInt8]) async throws {
            for piece in ReadSplit.random(seed: random.next(), longest: longestPiece).reads(of: wire) {
                if random.oneIn(3) { try await performRandomEvent() }
                guard harness.isOpen else { break }
                try await harness.send(piece)
                ledger.sent(piece)
                try await settle()
            }
            try await harness.setReading(true)
            try await harness.halfClose()
            ledger.sentAll()
            harness.backend.open()
            try await settle()
            let leftovers = try await harness.leftovers()
            guard leftovers.isEmpty else {
                throw Violation("after all is answered, \(leftovers.joined(separator: ", "))")
            }
        }

        /// Performs a random event other than a read.
        private mutating func performRandomEvent() async throws {
            switch random.number(in: 0...15) {
            case 0...5: harness.backend.endOne(at: random.number(in: 0...9))
            case 6...8:
                isReading = random.oneIn(2)
                try await harness.setReading(isReading)
            case 9: try await advance(by: .milliseconds(random.number(in: 0...longestPause)))
            case 10: try await advance(by: .milliseconds(1))
            case 11: if random.oneIn(4) { try await harness.drain() }
            case 12: if random.oneIn(8) { try await harness.expireDrain() }
            case 13:
                guard random.oneIn(8), harness.isOpen else { break }
                isCut = true
                await harness.close()
            default: break
            }
            try await settle()
        }

        private mutating func advance(by time: Duration) async throws {
            if ledger.isInsideFrame { mayHaveStalled = true }
            await harness.advance(by: time)
        }

        private mutating func settle() async throws {
            try await harness.settle()
            if !harness.isOpen, !isReading { isCut = true }
            let most = 2 * ConnectionHarness.configuration.inFlight
            guard harness.inFlight <= most else {
                throw Violation("\(harness.inFlight) requests are worked on at a time")
            }
            for piece in try await harness.received() { try ledger.received(piece) }
        }

        func checkReplies() throws(Violation) {
            for key in Set(ledger.due.keys).union(ledger.received.keys) {
                let due = ledger.due[key, default: 0] + (key == .noRequest && mayHaveStalled ? 1 : 0)
                let received = ledger.received[key, default: 0]
                guard isCut || mayHaveStalled ? received <= due : received == due else {
                    throw Violation("\(key) got \(received) replies, \(due) are due")
                }
            }
        }
    }
}
