internal import JoblineProtocol

/// Failure of one attempt of a call, before the retry decision.
struct CallFailure: Error, Sendable {
    enum Kind: Sendable, Hashable {
        /// The connection attempt failed; a later attempt may succeed.
        case unreachable
        /// The socket is unusable because of its permissions or its path; retries do not help.
        case inaccessible
        /// The connection closed before the response arrived.
        case lost
        /// The server violated the protocol.
        case violation
        case timedOut
        /// The calling task was cancelled.
        case cancelled
        /// The client is closed.
        case closed
        /// The client's queue of waiting calls is full.
        case overloaded
        /// The request exceeds the server's size limit.
        case tooLarge
        /// The server rejected the connection, with an error that belongs to no request.
        indirect case refused(WireError)
        /// The server responded to this request with an error.
        indirect case server(WireError)
    }

    /// Effect of the failed request on the server, as far as the client knows.
    enum Effect: Sendable, Hashable {
        /// The server did not process the request.
        case nothing
        /// The server may have processed the request.
        case unknown
    }

    let kind: Kind
    /// Description of the failure and its remedy; starts in lower case and has no final period.
    let message: String
    /// Whether any bytes of the request were handed to the kernel.
    let written: Bool
    var cause: (any Error)?

    init(_ kind: Kind, _ message: String, written: Bool, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.written = written
        self.cause = cause
    }

    /// Creates the failure for an error response to a request.
    static func server(_ error: WireError) -> CallFailure {
        CallFailure(.server(error), error.message, written: true)
    }

    static func cancelled(written: Bool) -> CallFailure {
        CallFailure(.cancelled, "the task that made the call was cancelled", written: written)
    }
}

extension CallFailure {
    /// Error that the server sent, for this request or for the connection.
    var wireError: WireError? {
        switch kind {
        case .server(let error), .refused(let error): error
        case .unreachable, .inaccessible, .lost, .violation, .timedOut, .cancelled, .closed, .overloaded, .tooLarge: nil
        }
    }

    /// Whether another attempt of the same request may succeed.
    var mayPass: Bool {
        switch kind {
        case .unreachable, .lost: true
        case .server(let error), .refused(let error):
            switch error.code {
            case .tooManyRequests, .internalError, .unavailable, .deadlineExceeded: true
            default: false
            }
        case .inaccessible, .violation, .timedOut, .cancelled, .closed, .overloaded, .tooLarge: false
        }
    }

    /// Whether the server rejected the request because of a rate or concurrency limit.
    var isThrottling: Bool { wireError?.code == .tooManyRequests }

    /// Whether the service examined the request and rejected it.
    var isRefusal: Bool {
        guard case .server(let error) = kind else { return false }
        return [.refused, .notFound, .conflict, .invalidParams].contains(error.code)
    }

    var effect: Effect {
        switch kind {
        case .server(let error):
            return error.provesNoEffect ? .nothing : .unknown
        case .refused(let error):
            // An error without a request id covers every request only if the server rejected the whole connection.
            let turnedAway = [.forbidden, .tooManyRequests, .unavailable].contains(error.code)
            return turnedAway && error.processed == false || !written ? .nothing : .unknown
        case .unreachable, .inaccessible, .lost, .violation, .timedOut, .cancelled, .closed, .overloaded, .tooLarge:
            return written ? .unknown : .nothing
        }
    }
}

extension WireError {
    /// Whether the server did not process the request, according to its `processed` flag or else its error code.
    fileprivate var provesNoEffect: Bool {
        if let processed { return !processed }
        switch code {
        case .parseError, .invalidRequest, .methodNotFound, .invalidParams: return true
        case .refused, .forbidden, .notFound, .conflict, .tooManyRequests: return true
        default: return false
        }
    }
}
