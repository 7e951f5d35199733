internal import JoblineProtocol

extension JoblineError {
    /// Converts the failure of an attempt to the error of a call; the only place that does.
    init(_ failure: CallFailure, _ history: CallHistory, file: String = #fileID, line: Int = #line) {
        var message = failure.message
        let outcomeUnknown = history.mayHaveTakenEffect && history.safety != .readonly
        if outcomeUnknown { message += "; " + Self.advice(history) }
        self.init(
            Code(failure), message, method: history.method, cause: failure.cause, attempts: history.attempts,
            wire: failure.wireError,
            outcomeUnknown: outcomeUnknown, file: file, line: line)
        let reason = Reason(failure)
        earlierReasons = history.earlier.filter { $0 != reason }
        // A call can end between attempts: then the last attempt is an earlier one as well.
        if let last = history.last.map({ Reason($0) }), last != reason, !earlierReasons.contains(last),
            earlierReasons.count < CallHistory.maximumReasons
        {
            earlierReasons.append(last)
        }
    }

    /// Returns advice on how to determine the outcome of a call that changes something.
    private static func advice(_ history: CallHistory) -> String {
        let doubt = "it may have been carried out"
        switch history.safety {
        case .readonly: return doubt
        case .idempotent: return "\(doubt), and is safe to send again"
        case .token: return "\(doubt), and is safe to send again with the same token"
        case .name: return "\(doubt): look the name up before sending it again"
        case .never: return "\(doubt): list what is there before sending it again"
        }
    }
}

extension JoblineError.Code {
    /// Code of an attempt's failure.
    init(_ failure: CallFailure) {
        switch failure.kind {
        case .unreachable, .inaccessible: self = .unreachable
        case .lost: self = .connectionLost
        case .violation: self = .protocolViolation
        case .timedOut: self = .timeout
        case .cancelled: self = .cancelled
        case .closed: self = .closed
        case .overloaded: self = .overloaded
        case .tooLarge: self = .encoding
        case .refused(let error), .server(let error): self.init(error.code)
        }
    }

    private init(_ code: WireError.Code) {
        switch code {
        case .methodNotFound: self = .methodNotFound
        case .invalidParams: self = .invalid
        case .refused: self = .refused
        case .forbidden: self = .forbidden
        case .notFound: self = .notFound
        case .conflict: self = .conflict
        case .replyTooLarge: self = .replyTooLarge
        case .tooManyRequests: self = .throttled
        case .cancelled: self = .cancelled
        case .unavailable: self = .unavailable
        case .deadlineExceeded: self = .timeout
        default: self = .server
        }
    }
}
