import JoblineProtocol
import NIOCore
import TestSupport
import Testing

@testable import Jobline

/// Client-to-server vectors, fed to a client's decoder.
@Suite("Vectors for servers, mirrored", .timeLimit(.minutes(5)))
struct MirroredVectorTests {
    /// Frames and error that a decoder yields for a stream.
    struct Outcome: Equatable {
        var frames: [Frame] = []
        var error: FrameError?
    }

    static let files = ((try? VectorFile.all()) ?? []).filter { $0.direction == .toServer }

    @Test("The decoder yields the same frames however split, and fails where the server does", arguments: files)
    func decoder(file: VectorFile) throws {
        let caps = file.requires?["connections"]
        let limits = FrameDecoder.Limits(
            framed: caps?["requestBytes"]?.integer ?? 1 << 20, bare: caps?["bareBytes"]?.integer ?? 64 << 10)
        for vector in file.vectors {
            let bytes = try vector.bytesSent()
            let endsInput = vector.steps.contains { $0["halfClose"] != nil }
            let whole = Self.decode(bytes, .whole, limits, endsInput: endsInput)
            // Reading any input as replies ends.
            for frame in whole.frames { _ = try? ServerMessage(frame) }
            for cut in VectorCut.all.dropFirst() where vector.isSplittable {
                #expect(Self.decode(bytes, cut, limits, endsInput: endsInput) == whole, "\(vector), \(cut)")
            }
            // Timeouts are not the decoder's concern.
            let isStall = vector.steps.contains { $0["expect"]?.array?.last?["bare"]?["says"] == "not complete" }
            #expect(
                (whole.error != nil) == (vector.breaksStream && !isStall), "\(vector): \(whole.error?.message ?? "")")
        }
    }

    @Test("A client that receives such bytes ends its call once and does not trap", arguments: files)
    func client(file: VectorFile) async throws {
        for vector in file.vectors {
            for cut in vector.isSplittable ? [VectorCut.whole, .random(seed: 1)] : [.whole] {
                try await DriverStage.with { stage in
                    try await stage.submit(1)
                    for piece in cut.pieces(of: try vector.bytesSent()) { try await stage.receive(piece) }
                    try await stage.hangUp()
                    #expect(stage.outcomes.count == 1, "\(vector), \(cut): \(stage.outcomes)")
                }
            }
        }
    }

    private static func decode(
        _ bytes: [UInt8], _ cut: VectorCut, _ limits: FrameDecoder.Limits, endsInput: Bool
    ) -> Outcome {
        var decoder = FrameDecoder(limits: limits)
        var outcome = Outcome()
        do throws(FrameError) {
            for piece in cut.pieces(of: bytes) {
                decoder.append(ByteBuffer(bytes: piece))
                while let frame = try decoder.next() { outcome.frames.append(frame) }
            }
            if endsInput { try decoder.finish() }
        } catch {
            outcome.error = error
        }
        return outcome
    }
}

extension Vector {
    var steps: [JSONValue] { content["steps"]?.array ?? [] }

    /// All bytes of the main connection, one after the other.
    func bytesSent() throws -> [UInt8] {
        try steps.filter { $0["on"] == nil }.compactMap { $0["send"] }.flatMap { try VectorBytes.expand($0) }
    }

    /// True if the last that comes before the end says that the stream is broken.
    var breaksStream: Bool {
        guard steps.last?["closed"] != nil, let replies = steps.last(where: { $0["expect"] != nil })?["expect"]?.array
        else { return false }
        return replies.last?["bare"]?["code"] == -32700
    }
}
