internal import JoblineBackend
package import JoblineProtocol

extension WireError {
    /// Converts an error of a service for the wire. All conversions are here.
    ///
    /// - Parameters:
    ///   - error: Error of the service. A ``WireError`` passes unchanged; the text of an unknown error is not sent.
    ///   - method: Method that failed; its service has its own names of errors.
    package init(_ error: any Error, from method: Method) {
        switch error {
        case let error as WireError: self = error
        case let error as ServiceError: self.init(error, method.descriptor)
        case is CancellationError: self = .cancelled()
        default: self = .internalError(method.descriptor.errorTypes)
        }
    }

    private init(_ error: ServiceError, _ descriptor: MethodDescriptor) {
        let types = descriptor.errorTypes
        let kind: (code: Code, type: String?, retryable: Bool)
        switch error.code {
        case .invalid: kind = (.refused, descriptor.invalidType(at: error.path), false)
        case .invalidToken: kind = (.refused, types.invalidToken ?? types.invalid, false)
        case .notFound: kind = (.notFound, types.notFound, false)
        case .conflict: kind = (.conflict, types.conflict, false)
        case .alreadyExists: kind = (.conflict, types.alreadyExists ?? types.conflict, false)
        case .quota: kind = (.conflict, types.quota, false)
        case .accessDenied: kind = (.forbidden, types.accessDenied, false)
        case .throttled: kind = (.tooManyRequests, types.throttled, true)
        case .unavailable: kind = (.unavailable, types.unavailable, true)
        case .foreign:
            let code = Code(httpStatus: error.httpStatus ?? 500)
            kind = (code, nil, [.tooManyRequests, .internalError, .unavailable].contains(code))
        default:
            // `failed` and codes of later versions: their text is for the log only.
            self = .internalError(types)
            if !error.processed { processed = false }
            return
        }
        // Many programs show the message and nothing else of an error.
        let message = error.path.map { "\($0): \(error.message)" } ?? error.message
        self.init(
            kind.code, message, type: error.type ?? kind.type, retryable: kind.retryable,
            processed: error.processed ? nil : false)
        path = error.path
        quotaName = error.quotaName
        quotaValue = error.quotaValue
        retryAfterMilliseconds = error.retryAfterMilliseconds
        scope = error.scope
        serviceRequestID = error.serviceRequestID
    }

    private static func internalError(_ types: ErrorTypes) -> WireError {
        WireError(
            .internalError, "internal error; the server's log has more",
            type: types.internalError ?? "InternalServerException", retryable: true)
    }
}

extension WireError.Code {
    /// Code that stands for an HTTP status of a remote service. 413 and 504 are the daemon's own and stand for none.
    fileprivate init(httpStatus: Int) {
        switch httpStatus {
        case 401, 403: self = .forbidden
        case 404, 410: self = .notFound
        case 409: self = .conflict
        case 429: self = .tooManyRequests
        case ..<500: self = .refused
        case 500: self = .internalError
        default: self = .unavailable
        }
    }
}

extension WireError {
    /// - Parameter processed: False if the request had not begun.
    static func cancelled(processed: Bool? = nil) -> WireError {
        WireError(.cancelled, "cancelled by the caller", retryable: false, processed: processed)
    }

    /// - Parameter processed: False if the request had not begun.
    static func deadlineExceeded(processed: Bool? = nil) -> WireError {
        WireError(.deadlineExceeded, "deadline exceeded", retryable: true, processed: processed)
    }

    /// - Parameter processed: nil if the request had begun.
    static func draining(processed: Bool?) -> WireError {
        WireError(
            .unavailable, "the server is draining; connect again", type: "ServiceUnavailableException",
            retryable: true, processed: processed)
    }

    static func tooManyConnections(_ cap: ConnectionCaps.Exceeded) -> WireError {
        let what =
            switch cap {
            case .all(let limit): "\(limit) are open, all that connections.total allows; connect later"
            case .user(let limit, let caller):
                "\(caller) has \(limit) open, all that connections.perUser allows; close some or connect later"
            }
        return WireError(
            .unavailable, "too many connections: \(what)", type: "ServiceUnavailableException", retryable: true,
            processed: false)
    }

    /// Refusal by the access rules; it reveals nothing about the request's subject.
    static func accessDenied(_ method: Method, _ caller: Caller) -> WireError {
        let descriptor = method.descriptor
        return WireError(
            .forbidden,
            "\(caller) may not call \(method.rawValue): neither it nor a group of it is in "
                + "access.\(descriptor.limitClass.rawValue) of the daemon's configuration",
            type: descriptor.errorTypes.accessDenied ?? "AccessDeniedException", retryable: false, processed: false)
    }

    static func windowFull(_ limit: Int) -> WireError {
        windowFull("more than \(limit) requests of this connection are in flight; wait for replies")
    }

    static func windowFull(bytes limit: Int) -> WireError {
        windowFull("requests of this connection in flight have more than \(limit) bytes; wait for replies")
    }

    static func tooManyWatched(_ limit: Int) -> WireError {
        windowFull("the watches of this connection would have more than \(limit) jobs; end one, or watch fewer")
    }

    private static func windowFull(_ message: String) -> WireError {
        var error = WireError(.tooManyRequests, message, retryable: true, processed: false)
        error.scope = "connection"
        return error
    }

    static func bufferFull(_ limit: Int) -> WireError {
        WireError(
            .unavailable,
            "unfinished requests and unread replies of this user hold more than \(limit) bytes; read replies, and "
                + "connect again",
            type: "ServiceUnavailableException", retryable: true, processed: false)
    }

    static func duplicateID() -> WireError {
        WireError(
            .invalidRequest, "a request with this id is in flight on this connection", retryable: false,
            processed: false)
    }

    static func methodNotFound(_ name: String) -> WireError {
        WireError(
            .methodNotFound, "there is no method \(name); rpc.discover tells which there are", retryable: false,
            processed: false)
    }

    static func framingBroken(_ error: FrameError) -> WireError {
        WireError(.parseError, error.message, retryable: false, processed: false)
    }

    static func frameStalled(_ timeout: Duration) -> WireError {
        WireError(
            .parseError, "a frame was not complete \(timeout) after its first byte", retryable: false,
            processed: false)
    }

    static func resultTooLarge(_ bytes: Int, limit: Int) -> WireError {
        WireError(
            .replyTooLarge,
            "the result of \(bytes) bytes is over the cap of \(limit) that connections.replyBytes leaves it",
            retryable: false, processed: true)
    }

    /// Refusal by a rate limit.
    init(_ refusal: RateLimiter.Refusal, of method: Method, caller: Caller) {
        let name = method.rawValue
        let what =
            switch refusal.scope {
            case .client: "rate of \(method.descriptor.limitClass.rawValue) requests exceeded for \(caller) at \(name)"
            case .method: "rate of \(name) exceeded, for \(caller) as for all"
            case .service: "rate of \(method.descriptor.service) exceeded at \(name), for \(caller) as for all"
            }
        self.init(
            .tooManyRequests, what, type: method.descriptor.errorTypes.throttled, retryable: true, processed: false)
        scope = refusal.scope.rawValue
        retryAfterMilliseconds = refusal.retryAfterMilliseconds
    }
}
