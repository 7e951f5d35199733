internal import JoblineProtocol
internal import NIOCore

/// A final reply as the bytes of its frame; nothing where no reply is due.
struct EncodedReply: Sendable {
    /// What became of a request, as log and statistics say it.
    enum Outcome: Sendable, Hashable, CustomStringConvertible {
        case success
        case failure(WireError.Code)
        /// The connection ended before anything else was decided.
        case lost

        var description: String {
            switch self {
            case .success: "ok"
            case .failure(let code): "\(code.rawValue)"
            case .lost: "lost"
            }
        }
    }

    let bytes: ByteBuffer
    let outcome: Outcome

    /// - Parameters:
    ///   - address: Where the reply goes; nil if none is due.
    ///   - cap: The most bytes that the reply may have, beyond which it becomes an error.
    init(_ result: any JSONEncodable, to address: ReplyAddress?, cap: Int) {
        guard let address else {
            self.init(bytes: ByteBuffer(), outcome: .success)
            return
        }
        let (bytes, count) = Frame.encode(address.form) { $0.reply(id: address.id, .success(result)) }
        if count > cap {
            self.init(.replyTooLarge(count, limit: cap), to: address)
        } else {
            self.init(bytes: bytes, outcome: .success)
        }
    }

    /// - Parameter address: Where the reply goes; nil if none is due.
    init(_ error: WireError, to address: ReplyAddress?) {
        let bytes = address.map { address in
            Frame.encode(address.form) { $0.reply(id: address.id, .failure(error)) }.bytes
        }
        self.init(bytes: bytes ?? ByteBuffer(), outcome: .failure(error.code))
    }

    private init(bytes: ByteBuffer, outcome: Outcome) {
        self.bytes = bytes
        self.outcome = outcome
    }
}
