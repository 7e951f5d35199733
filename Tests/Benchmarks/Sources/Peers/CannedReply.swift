internal import ArgumentParser
internal import NIOCore

/// Options of a server with a canned reply.
struct CannedOptions: ParsableArguments {
    @Option(help: "Where to listen.")
    var socket: String

    @Option(help: "Bytes of an answer, 100 to 1000000.")
    var bytes = 700

    func validate() throws {
        guard (100...1_000_000).contains(bytes) else { throw ValidationError("an answer has 100 to 1000000 bytes") }
    }

    var reply: CannedReply { CannedReply(bytes: bytes) }
}

/// A frame that is the same each time but for its id.
struct CannedReply: Sendable {
    static let beforeID = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    private static let idDigits = 4

    let header: ByteBuffer
    let afterID: ByteBuffer

    /// - Parameter bytes: Of the frame's body, with an id of four digits.
    init(bytes: Int) {
        let result = #","result":{"text":""#
        let end = "\"}}"
        let filling = bytes - Self.beforeID.count - Self.idDigits - result.utf8.count - end.utf8.count
        header = ByteBuffer(bytes: Array("\(bytes)\n".utf8) + Self.beforeID)
        afterID = ByteBuffer(string: result + String(repeating: "x", count: max(filling, 0)) + end + "\n")
    }
}
