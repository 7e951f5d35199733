/// Makes broken inputs out of whole ones.
package struct Mutator: Sendable {
    /// Bytes that mean something to a frame, to JSON or to UTF-8, and some that mean nothing.
    private static let bytes =
        Array("{}[]\":,\\\n\r 0123456789-+.eEuntf".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xFF]
    /// Numbers on both sides of what something can hold.
    private static let numbers = [
        "", "0", "-0", "-1", "1", "007", "64", "65", "255", "256", "257", "65536", "65537", "300000", "300001",
        "1048576", "1048577", "9999999", "10000000", "2147483648", "4294967296", "9007199254740991",
        "9007199254740992", "-9007199254740992", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "253402300799.999", "253402300800", "1e400", "-1e400", "5e-324", "1.0", "0.1e1",
    ].map { Array($0.utf8) }
    /// Most changes of one input.
    private static let mostChanges = 4
    private static let longestCopy = 200

    private let inputs: [[UInt8]]

    /// - Parameter inputs: What to start from; not empty.
    package init(_ inputs: [[UInt8]]) { self.inputs = inputs }

    /// One of the inputs, changed in some places.
    package func make(_ chance: inout Chance) -> [UInt8] {
        var bytes = chance.element(of: inputs)
        for _ in 0..<chance.number(in: 1...Self.mostChanges) { change(&bytes, &chance) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], _ chance: inout Chance) {
        let place = chance.number(in: 0...bytes.count)
        let range = place..<min(bytes.count, place + chance.number(in: 1...Self.longestCopy))
        switch chance.number(in: 0...8) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(chance.number(in: 0...7)) }
        case 1: if place < bytes.count { bytes[place] = chance.element(of: Self.bytes) }
        case 2: bytes.insert(chance.element(of: Self.bytes), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + chance.number(in: 1...4)))
        case 4: bytes.removeSubrange(range)
        case 5: bytes.insert(contentsOf: bytes[range], at: place)
        case 6: bytes.replaceSubrange(place..., with: splice(&chance))
        case 7: bytes.insert(contentsOf: splice(&chance), at: place)
        default: changeNumber(&bytes, from: place, &chance)
        }
    }

    /// The end of another input.
    private func splice(_ chance: inout Chance) -> ArraySlice<UInt8> {
        let other = chance.element(of: inputs)
        return other[chance.number(in: 0...other.count)...]
    }

    /// Puts a number in the place of the next one.
    private func changeNumber(_ bytes: inout [UInt8], from place: Int, _ chance: inout Chance) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: chance.element(of: Self.numbers))
    }
}
