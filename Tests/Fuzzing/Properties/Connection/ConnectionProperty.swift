import FuzzSupport
import JoblineProtocol
import NIOCore

@testable import JoblineServer

/// Every request gets exactly one final reply, and of a connection that ended nothing is left over.
enum ConnectionProperty {
    private static let longestPiece = 96
    /// Longer than any of the server's timers.
    private static let longestPause = 12_000

    static func check(_ input: FuzzInput) async throws(Violation) {
        do {
            var run = Run(stage: try await ConnectionStage(), chance: input.chance)
            try await run.play(input.wire)
            try run.checkReplies()
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation("the peer or the stage failed: \(error)")
        }
    }

    /// One connection from its beginning to its end.
    private struct Run: ~Copyable {
        let stage: ConnectionStage
        var chance: Chance
        var ledger = ReplyLedger(limits: ConnectionStage.configuration.frameLimits)
        var isReading = true
        /// True if the connection was closed while replies were due, which is then no fault.
        var isCut = false
        /// True if a frame may have taken too long.
        var mayHaveStalled = false

        mutating func play(_ wire: [UInt8]) async throws {
            for piece in Cut.chance(seed: chance.next(), longest: longestPiece).pieces(of: wire) {
                if chance.once(in: 3) { try await happen() }
                guard stage.isOpen else { break }
                try await stage.send(piece)
                ledger.sent(piece)
                try await settle()
            }
            try await stage.setReading(true)
            try await stage.halfClose()
            ledger.sentAll()
            stage.bench.open()
            try await settle()
            let leftovers = try await stage.leftovers()
            guard leftovers.isEmpty else {
                throw Violation("after all is answered, \(leftovers.joined(separator: ", "))")
            }
        }

        /// Something beside the bytes.
        private mutating func happen() async throws {
            switch chance.number(in: 0...15) {
            case 0...5: stage.bench.endOne(at: chance.number(in: 0...9))
            case 6...8:
                isReading = chance.once(in: 2)
                try await stage.setReading(isReading)
            case 9: try await advance(by: .milliseconds(chance.number(in: 0...longestPause)))
            case 10: try await advance(by: .milliseconds(1))
            case 11: if chance.once(in: 4) { try await stage.drain() }
            case 12: if chance.once(in: 8) { try await stage.expireDrain() }
            case 13:
                guard chance.once(in: 8), stage.isOpen else { break }
                isCut = true
                await stage.close()
            default: break
            }
            try await settle()
        }

        private mutating func advance(by time: Duration) async throws {
            if ledger.isInsideFrame { mayHaveStalled = true }
            await stage.advance(by: time)
        }

        private mutating func settle() async throws {
            try await stage.settle()
            if !stage.isOpen, !isReading { isCut = true }
            let most = 2 * ConnectionStage.configuration.inFlight
            guard stage.inFlight <= most else { throw Violation("\(stage.inFlight) requests are worked on at a time") }
            for piece in try await stage.received() { try ledger.received(piece) }
        }

        func checkReplies() throws(Violation) {
            for place in Set(ledger.due.keys).union(ledger.received.keys) {
                let due = ledger.due[place, default: 0] + (place == .nowhere && mayHaveStalled ? 1 : 0)
                let received = ledger.received[place, default: 0]
                guard isCut || mayHaveStalled ? received <= due : received == due else {
                    throw Violation("\(place) got \(received) replies, \(due) are due")
                }
            }
        }
    }
}
