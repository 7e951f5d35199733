package import NIOCore

/// A way to cut a stream into reads.
package enum Cut: Sendable {
    case whole
    case everyByte
    /// Up to chance, each read having at most so many bytes.
    case chance(seed: UInt64, longest: Int)

    /// The reads.
    package func pieces(of stream: [UInt8]) -> [ByteBuffer] {
        switch self {
        case .whole: return [ByteBuffer(bytes: stream)]
        case .everyByte: return stream.map { ByteBuffer(bytes: [$0]) }
        case .chance(let seed, let longest):
            var chance = Chance(seed: seed)
            var pieces: [ByteBuffer] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let length = chance.number(in: 1...longest)
                pieces.append(ByteBuffer(bytes: rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            return pieces
        }
    }
}
