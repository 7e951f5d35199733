internal import JoblineProtocol

/// Why one attempt of a call failed, before anyone decided what to do about it.
struct CallFailure: Error, Sendable {
    enum Kind: Sendable, Hashable {
        /// No connection could be made, which may pass.
        case unreachable
        /// The socket cannot be used as it is: permission, path.
        case inaccessible
        /// The connection ended before the answer.
        case lost
        /// The peer sent what is no answer.
        case violation
        /// The deadline passed.
        case timedOut
        /// The calling task was cancelled.
        case cancelled
        /// The client is closed.
        case closed
        /// Too many calls wait already.
        case overloaded
        /// The request is over the server's cap.
        case tooLarge
        /// The server turned the whole connection down.
        indirect case refused(WireError)
        /// The server's answer to this request.
        indirect case server(WireError)
    }

    /// What is known of the request's fate.
    enum Effect: Sendable, Hashable {
        /// It is certain that nothing was done.
        case nothing
        /// It may have been carried out.
        case unknown
    }

    let kind: Kind
    /// A lower-case clause that names the thing and the way out.
    let message: String
    /// True if any of the request's bytes were handed to the kernel.
    let written: Bool
    var cause: (any Error)?

    init(_ kind: Kind, _ message: String, written: Bool, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.written = written
        self.cause = cause
    }

    /// The server's answer to a request.
    static func server(_ error: WireError) -> CallFailure {
        CallFailure(.server(error), error.message, written: true)
    }

    static func cancelled(written: Bool) -> CallFailure {
        CallFailure(.cancelled, "the task that made the call was cancelled", written: written)
    }
}

extension CallFailure {
    /// The server's error, of this request or of the whole connection.
    var wireError: WireError? {
        switch kind {
        case .server(let error), .refused(let error): error
        case .unreachable, .inaccessible, .lost, .violation, .timedOut, .cancelled, .closed, .overloaded, .tooLarge: nil
        }
    }

    /// True if the same request may succeed on another attempt.
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

    /// True if the server asks for fewer requests.
    var isThrottling: Bool { wireError?.code == .tooManyRequests }

    /// True if the service has looked at the request and turned it down.
    var isRefusal: Bool {
        guard case .server(let error) = kind else { return false }
        return [.refused, .notFound, .conflict, .invalidParams].contains(error.code)
    }

    var effect: Effect {
        switch kind {
        case .server(let error):
            return error.provesNoEffect ? .nothing : .unknown
        case .refused(let error):
            // Without an id the promise holds for all requests only where the connection as such was turned away.
            let turnedAway = [.forbidden, .tooManyRequests, .unavailable].contains(error.code)
            return turnedAway && error.processed == false || !written ? .nothing : .unknown
        case .unreachable, .inaccessible, .lost, .violation, .timedOut, .cancelled, .closed, .overloaded, .tooLarge:
            return written ? .unknown : .nothing
        }
    }
}

extension WireError {
    /// True if nothing was done, because the server promises so or because its code means that.
    fileprivate var provesNoEffect: Bool {
        if let processed { return !processed }
        switch code {
        case .parseError, .invalidRequest, .methodNotFound, .invalidParams: return true
        case .refused, .forbidden, .notFound, .conflict, .tooManyRequests: return true
        default: return false
        }
    }
}
