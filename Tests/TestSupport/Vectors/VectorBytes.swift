/// Bytes as a vector writes them down: a text, hexadecimal digits, a frame around bytes, a repetition, or a list of these.
package enum VectorBytes {
    /// The bytes that are meant.
    ///
    /// - Parameters:
    ///   - value: What the file says.
    ///   - names: What stands for `${NAME}` within texts.
    package static func expand(_ value: JSONValue, names: [String: String] = [:]) throws -> [UInt8] {
        switch value {
        case .string(let text): return Array(replace(text, names).utf8)
        case .array(let parts): return try parts.flatMap { try expand($0, names: names) }
        case .object(let members):
            if let digits = members["hex"]?.string, members.count == 1 { return try hexadecimal(digits) }
            if let body = members["frame"], members.count == 1 {
                let bytes = try expand(body, names: names)
                return Array("\(bytes.count)\n".utf8) + bytes + [0x0A]
            }
            if let unit = members["repeat"], let times = members["times"]?.integer, members.count == 2 {
                return try repetition(unit, times, names)
            }
        default: break
        }
        throw TestFailure("no bytes: \(value)")
    }

    private static func repetition(_ unit: JSONValue, _ times: Int, _ names: [String: String]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        if case .string(let text) = unit, !text.contains("${n}") {
            let once = Array(text.utf8)
            bytes.reserveCapacity(once.count * times)
            for _ in 0..<times { bytes += once }
            return bytes
        }
        for number in 1...max(times, 1) {
            bytes += try expand(unit, names: names.merging(["n": String(number)]) { $1 })
        }
        return bytes
    }

    private static func replace(_ text: String, _ names: [String: String]) -> String {
        guard text.contains("${") else { return text }
        // Piece by piece, so that inserted text is not expanded again.
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = String(rest[start.upperBound..<end])
            result += rest[..<start.lowerBound]
            result += names[name] ?? "${\(name)}"
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func hexadecimal(_ digits: String) throws -> [UInt8] {
        let digits = Array(digits.utf8.filter { $0 != 0x20 })
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index..<min(index + 2, digits.count)], as: UTF8.self), radix: 16)
        }
        guard digits.count == bytes.count * 2 else { throw TestFailure("no hexadecimal digits: \(digits)") }
        return bytes
    }
}

/// A way to cut bytes into writes, or reads.
package enum VectorCut: Sendable, CustomStringConvertible {
    case whole
    /// One by one; of many bytes only the first and last, where the frames begin and end.
    case bytes
    /// Split at random places from this seed.
    case random(seed: UInt64)

    package static let all: [VectorCut] = [.whole, .bytes, .random(seed: 1), .random(seed: 2), .random(seed: 3)]

    package var description: String {
        switch self {
        case .whole: "whole"
        case .bytes: "byte by byte"
        case .random(let seed): "split at random, seed \(seed)"
        }
    }

    package func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var random = SplitMix64(seed: 0)
        if case .random(let seed) = self { random = SplitMix64(seed: seed) }
        var start = 0
        while start < bytes.count {
            let length =
                switch self {
                case .whole: bytes.count
                case .bytes: start < Self.edge || start >= bytes.count - Self.edge ? 1 : Self.edge
                case .random: Int.random(in: 1...max(16, bytes.count / 8), using: &random)
                }
            // The split positions end where single bytes begin again.
            let isMiddle = start >= Self.edge && start < bytes.count - Self.edge
            let end = min(start + length, isMiddle ? max(bytes.count - Self.edge, start + 1) : bytes.count, bytes.count)
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    private static let edge = 2048
}

/// A small random source with a seed, so that a failure can be repeated.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
