internal import Synchronization

/// Draws and counts the hits of one rule.
final class FaultLottery: Sendable {
    let rule: FaultRule
    private let numbers: SplitMix64
    private let drawn = Atomic(0)
    private let hit = Atomic(0)

    init(_ rule: FaultRule) {
        self.rule = rule
        numbers = SplitMix64(seed: UInt64(truncatingIfNeeded: rule.seed))
    }

    /// Number of draws.
    var calls: Int { drawn.load(ordering: .relaxed) }
    /// Number of draws that became a fault.
    var hits: Int { hit.load(ordering: .relaxed) }

    /// Draws for the next call. The n-th draw depends on seed and share only.
    func draw() -> Bool {
        let number = drawn.wrappingAdd(1, ordering: .relaxed).newValue
        return numbers.fraction(UInt64(truncatingIfNeeded: number)) < rule.share
    }

    func countHit() { hit.wrappingAdd(1, ordering: .relaxed) }
}
