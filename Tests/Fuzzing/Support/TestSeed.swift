internal import Glibc

/// What the tests take their chance from, so that a run can be had again.
package enum TestSeed {
    /// `JOBLINE_TEST_SEED`, a whole number; else always the same.
    package static let value: UInt64 = getenv("JOBLINE_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 4

    /// The chance of one input among those of a run.
    ///
    /// - Parameter number: Which of them, from 0 on.
    package static func chance(of number: Int) -> Chance {
        var seeds = Chance(seed: value &+ UInt64(number) << 32)
        return Chance(seed: seeds.next())
    }
}
