internal import JoblineProtocol
internal import NIOCore

/// Request that a reply belongs to, and form in which it is sent.
struct ReplyAddress: Sendable, Hashable {
    let form: Frame.Form
    /// nil is written as null.
    let id: RequestID?
}

extension Request {
    /// Address of the final reply; nil if none is due.
    var replyAddress: ReplyAddress? { wantsReply ? ReplyAddress(form: form, id: id) : nil }

    /// Size of the parameters, in bytes.
    var bytes: Int { params?.readableBytes ?? 0 }
}

/// Names one request of a connection for as long as the connection lives. Unlike ids on the wire, keys are never reused.
struct RequestKey: Sendable, Hashable {
    let number: UInt64
}
