import FuzzSupport
import JoblineProtocol
import NIOCore

/// Frame decoding equals the reference, however the stream is divided, and buffers at most one frame.
enum FrameProperty {
    /// Decoded frames of a stream and the error at its end.
    private struct Outcome: Equatable {
        var frames: [Frame] = []
        var error: FrameError?
    }

    /// Small limits, which inputs reach quickly, and the defaults of both sides.
    private static let limits = [FrameDecoder.Limits(framed: 24, bare: 16), .requests, .replies]
    /// Maximum length of a stream that is also decoded byte by byte.
    private static let longestByteByByte = 512
    /// Seven digits and a line feed.
    private static let longestHeader = 8

    static func check(_ input: FuzzInput) throws(Violation) {
        var random = input.random
        for limits in limits {
            let whole = try decode(input.wire, .whole, limits)
            let reference = ReferenceFrames(of: input.wire, limits: limits)
            guard whole.frames == reference.frames, (whole.error == nil) == reference.isWhole else {
                throw Violation("\(limits): \(whole), where the contract says \(reference)")
            }
            var splits = [16, 256].map { ReadSplit.random(seed: random.next(), longest: $0) }
            if input.wire.count <= longestByteByByte { splits.append(.everyByte) }
            for split in splits {
                let outcome = try decode(input.wire, split, limits)
                guard outcome == whole else {
                    throw Violation("\(limits): \(outcome) if split by \(split), \(whole) if not split")
                }
            }
        }
    }

    private static func decode(
        _ stream: [UInt8], _ split: ReadSplit, _ limits: FrameDecoder.Limits
    ) throws(Violation) -> Outcome {
        var decoder = FrameDecoder(limits: limits)
        var outcome = Outcome()
        var largestPiece = 0
        for piece in split.reads(of: stream) {
            decoder.append(piece)
            largestPiece = max(largestPiece, piece.storageCapacity)
            do throws(FrameError) {
                while let frame = try decoder.next() { outcome.frames.append(frame) }
            } catch {
                outcome.error = error
            }
            try checkMemory(of: decoder, after: largestPiece, limits)
        }
        do throws(FrameError) { try decoder.finish() } catch { outcome.error = error }
        return outcome
    }

    /// A buffer grows by doubling, and can be a whole read itself.
    private static func checkMemory(
        of decoder: borrowing FrameDecoder, after largestPiece: Int, _ limits: FrameDecoder.Limits
    ) throws(Violation) {
        let frame = max(limits.framed, limits.bare) + longestHeader
        guard decoder.heldBytes <= 2 * (frame + largestPiece) else {
            throw Violation("\(limits): \(decoder.heldBytes) bytes are held")
        }
        guard decoder.isInsideFrame || decoder.heldBytes == 0 else {
            throw Violation("\(limits): \(decoder.heldBytes) bytes are held of nothing")
        }
    }
}
