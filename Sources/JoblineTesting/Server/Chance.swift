internal import JoblineServer
internal import Synchronization

/// Chance that is the same in every run, and ids that count.
final class Chance: Sendable {
    private static let numbers = SplitMix64(seed: 0)
    private let state = Mutex((numbers: UInt64(0), ids: 0))

    /// 64 bits.
    func number() -> UInt64 {
        Self.numbers.number(
            state.withLock { state in
                state.numbers += 1
                return state.numbers
            })
    }

    /// The id of a job: 00…01, 00…02, so that a test's output reads the same in every run.
    func id() -> String {
        let digits = String(
            state.withLock { state in
                state.ids += 1
                return state.ids
            }, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
