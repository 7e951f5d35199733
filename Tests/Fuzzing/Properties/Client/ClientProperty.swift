import FuzzSupport
import JoblineProtocol
import NIOCore

/// Every call of the SDK ends exactly once, with the outcome of its own reply, whatever the peer sends.
enum ClientProperty {
    private static let longestPiece = 64
    private static let maximumCalls = 32
    /// Milliseconds; pauses between connections last at most 1 s.
    private static let longestPause = 1500

    static func check(_ input: FuzzInput) throws(Violation) {
        var random = input.random
        let harness = ClientHarness(window: random.number(in: 1...6), maximumWaiting: random.number(in: 1...8))
        for _ in 0..<random.number(in: 1...8) { call(harness, &random) }
        for piece in ReadSplit.random(seed: random.next(), longest: longestPiece).reads(of: input.wire) {
            if random.oneIn(3) { performRandomEvent(to: harness, &random) }
            harness.receive(piece)
        }
        try checkSent(harness)
        harness.close()
        try checkOutcomes(harness)
    }

    private static func call(_ harness: ClientHarness, _ random: inout SeededRandom) {
        guard harness.callCount < maximumCalls, let method = Method.allCases.randomElement(using: &random) else {
            return
        }
        harness.call(method, timeout: .milliseconds(Int64(random.number(in: 0...3000))))
    }

    /// Performs a random event other than a read.
    private static func performRandomEvent(to harness: ClientHarness, _ random: inout SeededRandom) {
        switch random.number(in: 0...9) {
        case 0...3: call(harness, &random)
        case 4: harness.cancel(Int64(random.number(in: 0...harness.callCount + 1)))
        case 5: harness.advance(by: .milliseconds(Int64(random.number(in: 0...longestPause))))
        case 6: harness.setWritable(random.oneIn(2))
        case 7: harness.hangUp()
        case 8: harness.isReachable = !random.oneIn(4)
        default: harness.advance(by: .milliseconds(1))
        }
    }

    /// Checks that the sent bytes are a sequence of requests.
    private static func checkSent(_ harness: ClientHarness) throws(Violation) {
        var decoder = FrameDecoder(limits: .requests)
        for piece in harness.sent() {
            decoder.append(piece)
            do {
                while let frame = try decoder.next() { _ = try Request(frame) }
                try decoder.finish()
            } catch {
                throw Violation("the client sent \(String(buffer: piece)): \(error)")
            }
        }
    }

    private static func checkOutcomes(_ harness: ClientHarness) throws(Violation) {
        for (index, call) in harness.outcomes.enumerated() {
            guard call.outcomes.count == 1 else {
                throw Violation("call \(index + 1), \(call.method), ended \(call.outcomes.count) times")
            }
            for case .success(let result) in call.outcomes { try checkRoundTrip(of: result, as: call.method.result) }
        }
    }
}
