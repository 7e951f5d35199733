internal import JoblineProtocol
internal import NIOCore

/// What becomes of a call on the side of its caller.
enum CallChange: Sendable {
    case submitted(ClientStateMachine.CallID, OutgoingCall)
    case cancelled(ClientStateMachine.CallID)
}

/// A call on its way: what to send, and whom to tell what became of it.
final class OutgoingCall: Sendable {
    typealias Outcome = Result<ByteBuffer, CallFailure>
    typealias Completion = @Sendable (Outcome) -> Void

    let method: MethodName
    /// The parameters as compact JSON; nil where there are none.
    let params: ByteBuffer?
    let traceparent: String?
    let deadline: NIODeadline
    /// Takes the outcome; called exactly once, on the event loop.
    let completion: Completion

    init(
        method: MethodName, params: ByteBuffer?, traceparent: String?, deadline: NIODeadline,
        completion: @escaping Completion
    ) {
        self.method = method
        self.params = params
        self.traceparent = traceparent
        self.deadline = deadline
        self.completion = completion
    }
}

extension OutgoingCall {
    /// Appends the request as it is written now, with the time that is left.
    ///
    /// - Returns: How many bytes it has, to be held against the cap.
    func append(id: ClientStateMachine.CallID, now: NIODeadline, to buffer: inout ByteBuffer) -> Int {
        let milliseconds = max(1, (deadline - now).nanoseconds / 1_000_000)
        if case .known(let method) = method, let params, traceparent == nil {
            return Frame.append(request: id, method, timeoutMilliseconds: milliseconds, params, to: &buffer)
        }
        let request = Request(
            id: .integer(id), name: method, params: params, timeoutMilliseconds: Int(milliseconds),
            traceparent: traceparent)
        return Frame.append(.framed, to: &buffer) { request.write(to: &$0) }
    }
}
