/// What a fuzzer makes up: a few bytes that decide what is up to chance, and the bytes that go over the wire.
///
/// The wire stands as it is, so that what is known to be interesting can be put in front of a fuzzer unchanged.
package struct FuzzInput: Sendable {
    /// Bytes before those of the wire.
    private static let seedBytes = 4

    private let seed: UInt64
    /// What goes over the wire.
    package let wire: [UInt8]

    /// - Parameter bytes: The seed and the wire; what is missing of the seed counts as zero.
    package init(_ bytes: [UInt8]) {
        seed = bytes.prefix(Self.seedBytes).reduce(0) { $0 << 8 | UInt64($1) }
        wire = Array(bytes.dropFirst(Self.seedBytes))
    }

    /// Everything that is up to chance about this input.
    package var chance: Chance { Chance(seed: seed) }

    /// The bytes from which the same input is read.
    ///
    /// - Parameters:
    ///   - seed: Decides what is up to chance.
    ///   - wire: What goes over the wire.
    package static func bytes(seed: UInt32, wire: [UInt8]) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: seed >> $0) } + wire
    }
}
