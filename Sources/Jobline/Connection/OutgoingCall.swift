internal import JoblineProtocol
internal import NIOCore

/// A call on its way: what to send, and whom to tell what became of it.
struct OutgoingCall: Sendable {
    let method: String
    /// The parameters as compact JSON; nil where there are none.
    let params: ByteBuffer?
    let traceparent: String?
    let deadline: NIODeadline
    /// Takes the outcome; called exactly once, on the event loop.
    let completion: @Sendable (Result<ByteBuffer, CallFailure>) -> Void
}

extension OutgoingCall {
    /// The request as it is written now, with the time that is left.
    func frame(id: Int64, now: NIODeadline) -> (bytes: ByteBuffer, bodyBytes: Int) {
        let milliseconds = (deadline - now).nanoseconds / 1_000_000
        let request = Request(
            id: .integer(id), method: method, params: params, timeoutMilliseconds: max(1, Int(milliseconds)),
            traceparent: traceparent)
        return Frame.encode(.framed) { request.write(to: &$0) }
    }
}
