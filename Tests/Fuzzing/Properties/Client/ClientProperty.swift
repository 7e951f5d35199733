import FuzzSupport
import JoblineProtocol
import NIOCore

/// Every call of the SDK ends exactly once, with what its own reply said, whatever the peer sends and whenever.
enum ClientProperty {
    private static let longestPiece = 64
    private static let mostCalls = 32
    /// Pauses between connections are at most a second.
    private static let longestPause = 1500

    static func check(_ input: FuzzInput) throws(Violation) {
        var chance = input.chance
        let stage = ClientStage(window: chance.number(in: 1...6), maximumWaiting: chance.number(in: 1...8))
        for _ in 0..<chance.number(in: 1...8) { call(stage, &chance) }
        for piece in Cut.chance(seed: chance.next(), longest: longestPiece).pieces(of: input.wire) {
            if chance.once(in: 3) { happen(to: stage, &chance) }
            stage.receive(piece)
        }
        try checkSent(stage)
        stage.close()
        try checkOutcomes(stage)
    }

    private static func call(_ stage: ClientStage, _ chance: inout Chance) {
        guard stage.callCount < mostCalls, let method = Method.allCases.randomElement(using: &chance) else { return }
        stage.call(method, timeout: .milliseconds(Int64(chance.number(in: 0...3000))))
    }

    /// Something beside the bytes.
    private static func happen(to stage: ClientStage, _ chance: inout Chance) {
        switch chance.number(in: 0...9) {
        case 0...3: call(stage, &chance)
        case 4: stage.cancel(Int64(chance.number(in: 0...stage.callCount + 1)))
        case 5: stage.advance(by: .milliseconds(Int64(chance.number(in: 0...longestPause))))
        case 6: stage.setWritable(chance.once(in: 2))
        case 7: stage.hangUp()
        case 8: stage.isReachable = !chance.once(in: 4)
        default: stage.advance(by: .milliseconds(1))
        }
    }

    /// What goes out is a sequence of requests.
    private static func checkSent(_ stage: ClientStage) throws(Violation) {
        var decoder = FrameDecoder(limits: .requests)
        for piece in stage.sent() {
            decoder.append(piece)
            do {
                while let frame = try decoder.next() { _ = try Request(frame) }
                try decoder.finish()
            } catch {
                throw Violation("the client sent \(String(buffer: piece)): \(error)")
            }
        }
    }

    private static func checkOutcomes(_ stage: ClientStage) throws(Violation) {
        for (index, call) in stage.outcomes.enumerated() {
            guard call.outcomes.count == 1 else {
                throw Violation("call \(index + 1), \(call.method), ended \(call.outcomes.count) times")
            }
            for case .success(let result) in call.outcomes { try checkRoundTrip(of: result, as: call.method.result) }
        }
    }
}
