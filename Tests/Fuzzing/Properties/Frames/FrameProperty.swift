import FuzzSupport
import JoblineProtocol
import NIOCore

/// The frame decoder yields what the contract says, however the stream is cut, and holds no more than a frame.
enum FrameProperty {
    /// What became of a stream: its frames, and the error at which it ended.
    private struct Outcome: Equatable {
        var frames: [Frame] = []
        var error: FrameError?
    }

    /// Caps that are met soon, and those of both sides.
    private static let limits = [FrameDecoder.Limits(framed: 24, bare: 16), .requests, .replies]
    /// Longest stream that is also handed over byte by byte.
    private static let longestByteByByte = 512
    /// Seven digits and a line feed.
    private static let longestHeader = 8

    static func check(_ input: FuzzInput) throws(Violation) {
        var chance = input.chance
        for limits in limits {
            let whole = try decode(input.wire, .whole, limits)
            let reference = ReferenceFrames(of: input.wire, limits: limits)
            guard whole.frames == reference.frames, (whole.error == nil) == reference.isWhole else {
                throw Violation("\(limits): \(whole), where the contract says \(reference)")
            }
            var cuts = [16, 256].map { Cut.chance(seed: chance.next(), longest: $0) }
            if input.wire.count <= longestByteByByte { cuts.append(.everyByte) }
            for cut in cuts {
                let outcome = try decode(input.wire, cut, limits)
                guard outcome == whole else {
                    throw Violation("\(limits): \(outcome) where cut by \(cut), \(whole) where not cut")
                }
            }
        }
    }

    private static func decode(
        _ stream: [UInt8], _ cut: Cut, _ limits: FrameDecoder.Limits
    ) throws(Violation) -> Outcome {
        var decoder = FrameDecoder(limits: limits)
        var outcome = Outcome()
        var largestPiece = 0
        for piece in cut.pieces(of: stream) {
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

    /// A buffer grows by doubling, and may be a piece itself.
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
