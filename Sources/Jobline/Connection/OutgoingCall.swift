internal import JoblineProtocol
internal import NIOCore

/// A change that a caller makes to a call.
enum CallChange: Sendable {
    case submitted(ClientStateMachine.CallID, OutgoingCall)
    case cancelled(ClientStateMachine.CallID)
}

/// Request and completion of a call.
final class OutgoingCall: Sendable {
    typealias Outcome = Result<ByteBuffer, CallFailure>
    typealias Completion = @Sendable (Outcome) -> Void

    let method: MethodName
    /// Parameters as compact JSON; nil if the method has none.
    let params: ByteBuffer?
    let traceparent: String?
    let deadline: NIODeadline
    /// Receives the outcome; called exactly once, on the event loop.
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
    /// Appends the encoded request, with the time left until the deadline as its timeout.
    ///
    /// - Returns: Size of the request's body in bytes.
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
