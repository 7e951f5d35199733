internal import JoblineServer
internal import Synchronization

/// Seeded random numbers and sequential job IDs, identical in every run.
final class SeededRandom: Sendable {
    private static let numbers = SplitMix64(seed: 0)
    private let state = Mutex((numbers: UInt64(0), ids: 0))

    /// Returns the next 64-bit random number.
    func number() -> UInt64 {
        Self.numbers.number(
            state.withLock { state in
                state.numbers += 1
                return state.numbers
            })
    }

    /// Returns the next job ID: 00…01, 00…02 and so on, 32 hexadecimal digits.
    func id() -> String {
        let digits = String(
            state.withLock { state in
                state.ids += 1
                return state.ids
            }, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
