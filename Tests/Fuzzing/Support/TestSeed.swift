internal import Glibc

/// Seed of the random tests, with which a run can be repeated.
package enum TestSeed {
    /// Integer in `JOBLINE_TEST_SEED`; 4 by default.
    package static let value: UInt64 = getenv("JOBLINE_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 4

    /// Returns the random numbers for one input of a run.
    ///
    /// - Parameter number: Number of the input, counted from 0.
    package static func random(forInput number: Int) -> SeededRandom {
        var seeds = SeededRandom(seed: value &+ UInt64(number) << 32)
        return SeededRandom(seed: seeds.next())
    }
}
