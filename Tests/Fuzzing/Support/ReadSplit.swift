package import NIOCore

/// Division of a stream into reads.
package enum ReadSplit: Sendable {
    case whole
    case everyByte
    /// Reads of random sizes up to `longest` bytes.
    case random(seed: UInt64, longest: Int)

    /// Divides a stream.
    package func reads(of stream: [UInt8]) -> [ByteBuffer] {
        switch self {
        case .whole: return [ByteBuffer(bytes: stream)]
        case .everyByte: return stream.map { ByteBuffer(bytes: [$0]) }
        case .random(let seed, let longest):
            var random = SeededRandom(seed: seed)
            var pieces: [ByteBuffer] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let length = random.number(in: 1...longest)
                pieces.append(ByteBuffer(bytes: rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            return pieces
        }
    }
}
