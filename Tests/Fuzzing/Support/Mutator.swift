/// Mutates valid inputs into invalid ones.
package struct Mutator: Sendable {
    /// Bytes with a meaning in frames, JSON or UTF-8, and some without.
    private static let bytes =
        Array("{}[]\":,\\\n\r 0123456789-+.eEuntf".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xFF]
    /// Numbers on both sides of limits.
    private static let numbers = [
        "", "0", "-0", "-1", "1", "007", "64", "65", "255", "256", "257", "65536", "65537", "300000", "300001",
        "1048576", "1048577", "9999999", "10000000", "2147483648", "4294967296", "9007199254740991",
        "9007199254740992", "-9007199254740992", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "253402300799.999", "253402300800", "1e400", "-1e400", "5e-324", "1.0", "0.1e1",
    ].map { Array($0.utf8) }
    /// Maximum number of changes of one input.
    private static let maximumChanges = 4
    private static let longestCopy = 200

    private let inputs: [[UInt8]]

    /// Creates a mutator.
    ///
    /// - Parameter inputs: Inputs to mutate; not empty.
    package init(_ inputs: [[UInt8]]) { self.inputs = inputs }

    /// Returns a mutated input.
    package func make(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = random.element(of: inputs)
        for _ in 0..<random.number(in: 1...Self.maximumChanges) { change(&bytes, &random) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let index = random.number(in: 0...bytes.count)
        let range = index..<min(bytes.count, index + random.number(in: 1...Self.longestCopy))
        switch random.number(in: 0...8) {
        case 0: if index < bytes.count { bytes[index] ^= 1 << UInt8(random.number(in: 0...7)) }
        case 1: if index < bytes.count { bytes[index] = random.element(of: Self.bytes) }
        case 2: bytes.insert(random.element(of: Self.bytes), at: index)
        case 3: bytes.removeSubrange(index..<min(bytes.count, index + random.number(in: 1...4)))
        case 4: bytes.removeSubrange(range)
        case 5: bytes.insert(contentsOf: bytes[range], at: index)
        case 6: bytes.replaceSubrange(index..., with: splice(&random))
        case 7: bytes.insert(contentsOf: splice(&random), at: index)
        default: changeNumber(&bytes, from: index, &random)
        }
    }

    /// Returns the end of another input.
    private func splice(_ random: inout SeededRandom) -> ArraySlice<UInt8> {
        let other = random.element(of: inputs)
        return other[random.number(in: 0...other.count)...]
    }

    /// Replaces the next number.
    private func changeNumber(_ bytes: inout [UInt8], from index: Int, _ random: inout SeededRandom) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[index...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: random.element(of: Self.numbers))
    }
}
