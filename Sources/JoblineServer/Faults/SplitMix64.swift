/// SplitMix64 by Steele, Lea and Flood, with random access: no number depends on those before it.
package struct SplitMix64: Sendable {
    let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// Returns the n-th number of the sequence, counted from 1.
    package func number(_ n: UInt64) -> UInt64 {
        var mixed = seed &+ n &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns the highest 53 bits of the n-th number as a fraction from 0 up to, not including, 1.
    func fraction(_ n: UInt64) -> Double { Double(number(n) >> 11) * 0x1p-53 }
}
