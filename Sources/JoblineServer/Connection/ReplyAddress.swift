internal import JoblineProtocol
internal import NIOCore

/// Which request a reply belongs to, and in which form it goes out.
struct ReplyAddress: Sendable, Hashable {
    let form: Frame.Form
    /// nil is written as null.
    let id: RequestID?
}

extension Request {
    /// Where the final reply goes; nil if none is due.
    var replyAddress: ReplyAddress? { wantsReply ? ReplyAddress(form: form, id: id) : nil }

    /// How much it holds of what its sender wrote.
    var bytes: Int { params?.readableBytes ?? 0 }
}

/// Names one request of a connection as long as the connection lives; ids on the wire may come again, keys do not.
struct RequestKey: Sendable, Hashable {
    let number: UInt64
}
