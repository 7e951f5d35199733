internal import Synchronization

/// Chance that is the same in every run, and ids that count.
final class Chance: Sendable {
    private let state = Mutex((seed: UInt64(0), ids: 0))

    /// 64 bits: those of the generator SplitMix64, from seed 0 on.
    func number() -> UInt64 {
        var mixed = state.withLock { state in
            state.seed &+= 0x9E37_79B9_7F4A_7C15
            return state.seed
        }
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
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
