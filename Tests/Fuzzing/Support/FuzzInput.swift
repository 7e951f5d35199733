/// Input of a fuzzer: a few bytes that seed random decisions, followed by the bytes on the wire.
///
/// The bytes on the wire are unchanged, so that known interesting streams can be given to a fuzzer.
package struct FuzzInput: Sendable {
    /// Number of bytes of the seed.
    private static let seedBytes = 4

    private let seed: UInt64
    /// Bytes on the wire.
    package let wire: [UInt8]

    /// Parses an input.
    ///
    /// - Parameter bytes: Seed and wire; missing bytes of the seed count as zero.
    package init(_ bytes: [UInt8]) {
        seed = bytes.prefix(Self.seedBytes).reduce(0) { $0 << 8 | UInt64($1) }
        wire = Array(bytes.dropFirst(Self.seedBytes))
    }

    /// Random numbers for all decisions about this input.
    package var random: SeededRandom { SeededRandom(seed: seed) }

    /// Returns the bytes of an input.
    ///
    /// - Parameters:
    ///   - seed: Seed of random decisions.
    ///   - wire: Bytes on the wire.
    package static func bytes(seed: UInt32, wire: [UInt8]) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: seed >> $0) } + wire
    }
}
