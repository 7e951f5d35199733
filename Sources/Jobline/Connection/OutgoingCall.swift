internal import JoblineProtocol
internal import NIOCore

/// What becomes of a call on the side of its caller.
enum CallChange: Sendable {
    case submitted(ClientStateMachine.CallID, OutgoingCall)
    case cancelled(ClientStateMachine.CallID)
}

/// A call on its way: what to send, and whom to tell what became of it.
struct OutgoingCall: Sendable {
    typealias Outcome = Result<ByteBuffer, CallFailure>
    typealias Completion = @Sendable (Outcome) -> Void

    let method: MethodName
    /// The parameters as compact JSON; nil where there are none.
    let params: ByteBuffer?
    let traceparent: String?
    let deadline: NIODeadline
    /// Takes the outcome; called exactly once, on the event loop.
    let completion: Completion
}

extension OutgoingCall {
    /// The request as it is written now, with the time that is left.
    func request(id: Int64, now: NIODeadline) -> Request {
        let milliseconds = (deadline - now).nanoseconds / 1_000_000
        return Request(
            id: .integer(id), name: method, params: params, timeoutMilliseconds: max(1, Int(milliseconds)),
            traceparent: traceparent)
    }
}
