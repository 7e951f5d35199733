import JoblineProtocol
import NIOCore

/// Frames of a stream, decoded as the contract describes them in the simplest way, from all bytes at once.
struct ReferenceFrames: Equatable {
    private(set) var frames: [Frame] = []
    /// False if the stream has a framing error or ends inside a frame.
    private(set) var isWhole = false

    private static let maximumBlankLines = 64
    private static let maximumDigits = 7
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(of stream: [UInt8], limits: FrameDecoder.Limits) {
        var rest = stream[...]
        var blankLines = 0
        while let first = rest.first {
            if first == Self.lineFeed || rest.starts(with: [Self.carriageReturn, Self.lineFeed]) {
                blankLines += 1
                guard blankLines <= Self.maximumBlankLines else { return }
                rest = rest.dropFirst(first == Self.lineFeed ? 1 : 2)
                continue
            }
            blankLines = 0
            let read = first == UInt8(ascii: "{") ? Self.line(&rest, limits) : Self.framed(&rest, limits)
            guard let read else { return }
            frames.append(read)
        }
        isWhole = true
    }

    private static func line(_ rest: inout ArraySlice<UInt8>, _ limits: FrameDecoder.Limits) -> Frame? {
        guard let end = rest.firstIndex(of: lineFeed) else { return nil }
        var line = rest[..<end]
        if line.last == carriageReturn { line.removeLast() }
        guard line.count <= limits.bare else { return nil }
        rest = rest[(end + 1)...]
        return Frame(form: .bare, body: ByteBuffer(bytes: line))
    }

    private static func framed(_ rest: inout ArraySlice<UInt8>, _ limits: FrameDecoder.Limits) -> Frame? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard digits.first != UInt8(ascii: "0"), digits.count <= maximumDigits,
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= limits.framed
        else { return nil }
        let behind = rest.dropFirst(digits.count)
        guard behind.first == lineFeed, behind.count >= length + 2 else { return nil }
        let body = behind.dropFirst().prefix(length)
        guard behind[body.endIndex] == lineFeed else { return nil }
        rest = behind[(body.endIndex + 1)...]
        return Frame(form: .framed, body: ByteBuffer(bytes: body))
    }
}
