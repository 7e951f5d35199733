/// Failure of a call to a service. The server converts it into the service's own error for the wire.
package struct ServiceError: Error, Sendable {
    /// Kind of failure, the same for every service.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalid, invalidToken, notFound, conflict, alreadyExists, quota, accessDenied, throttled, unavailable
            case failed, foreign
        }
        private let kind: Kind

        /// A rule of the service forbids the request.
        package static let invalid = Code(kind: .invalid)
        /// The pagination token was not issued for this list.
        package static let invalidToken = Code(kind: .invalidToken)
        /// No such job or workflow.
        package static let notFound = Code(kind: .notFound)
        /// The state of the resource forbids the request now.
        package static let conflict = Code(kind: .conflict)
        /// The name is in use.
        package static let alreadyExists = Code(kind: .alreadyExists)
        /// A quota of the service is reached.
        package static let quota = Code(kind: .quota)
        /// The caller is not allowed to do this.
        package static let accessDenied = Code(kind: .accessDenied)
        /// A rate limit of the backend is reached. ``ServiceError/retryAfterMilliseconds`` is the advice.
        package static let throttled = Code(kind: .throttled)
        /// The service cannot answer now.
        package static let unavailable = Code(kind: .unavailable)
        /// Internal failure. The message is logged and never sent to the caller.
        package static let failed = Code(kind: .failed)
        /// Error of a remote service that the contract does not know. Type and message are passed on unchanged.
        package static let foreign = Code(kind: .foreign)

        package var description: String { kind.rawValue }
    }

    package var code: Code
    /// Lower-case clause for the caller: what was refused, and what to do. The wire adds the path in front. With
    /// ``Code/failed`` a text for the log, without anything that the caller sent; with ``Code/foreign`` the text of the remote
    /// service.
    package var message: String
    /// Underlying error, which never leaves the process.
    package var cause: (any Error)?
    /// Invalid member, such as `InputDataConfig.S3Key`.
    package var path: String?
    /// Name of the quota that is reached.
    package var quotaName: String?
    package var quotaValue: Int?
    /// The service's own name for the error; nil for the usual name of the code.
    package var type: String?
    /// False if it is certain that nothing was done.
    package var processed: Bool
    /// Milliseconds after which a new request passes, all else being equal; nil if unknown.
    package var retryAfterMilliseconds: Int?
    /// Exhausted budget of a ``Code/throttled`` request, such as `upstream`.
    package var scope: String?
    /// HTTP status of a ``Code/foreign`` error.
    package var httpStatus: Int?
    /// Id by which the remote service logged the request.
    package var serviceRequestID: String?

    /// - Parameter processed: True only if something may have been done before the failure.
    package init(
        _ code: Code, _ message: String, path: String? = nil, quotaName: String? = nil, quotaValue: Int? = nil,
        type: String? = nil, processed: Bool = false, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.quotaName = quotaName
        self.quotaValue = quotaValue
        self.type = type
        self.processed = processed
        self.cause = cause
    }

    /// Returns the error for a request that a rate limit of the backend refuses.
    ///
    /// - Parameters:
    ///   - message: Lower-case clause for the caller.
    ///   - retryAfterMilliseconds: Milliseconds after which a new request passes, all else being equal; nil if unknown.
    ///   - scope: Exhausted budget, such as `upstream`.
    package static func throttled(
        _ message: String, retryAfterMilliseconds: Int?, scope: String? = nil
    ) -> ServiceError {
        var error = ServiceError(.throttled, message)
        error.retryAfterMilliseconds = retryAfterMilliseconds
        error.scope = scope
        return error
    }

    /// Returns an error of a remote service that the contract does not know.
    ///
    /// - Parameters:
    ///   - type: Name of the error.
    ///   - message: Message of the service.
    ///   - httpStatus: HTTP status of the response.
    ///   - requestID: Id by which the service logged the request.
    ///   - processed: True if something may have been done before the failure.
    package static func foreign(
        type: String, _ message: String, httpStatus: Int, requestID: String?, processed: Bool
    ) -> ServiceError {
        var error = ServiceError(.foreign, message, type: type, processed: processed)
        error.httpStatus = httpStatus
        error.serviceRequestID = requestID
        return error
    }
}
