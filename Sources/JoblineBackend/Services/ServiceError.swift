/// Why a service refuses or fails a call; the server turns it into the service's own error for the wire.
package struct ServiceError: Error, Sendable {
    /// The kind of failure, the same for every service.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalid, invalidToken, notFound, conflict, alreadyExists, quota, accessDenied, unavailable, failed
        }
        private let kind: Kind

        /// A rule of the service forbids the request as it is.
        package static let invalid = Code(kind: .invalid)
        /// The pagination token is not one that this list gave out.
        package static let invalidToken = Code(kind: .invalidToken)
        /// No such job or workflow.
        package static let notFound = Code(kind: .notFound)
        /// The state of the resource forbids it now.
        package static let conflict = Code(kind: .conflict)
        /// The name is taken.
        package static let alreadyExists = Code(kind: .alreadyExists)
        /// A quota of the service is reached.
        package static let quota = Code(kind: .quota)
        /// The caller may not do this.
        package static let accessDenied = Code(kind: .accessDenied)
        /// The service cannot answer now.
        package static let unavailable = Code(kind: .unavailable)
        /// The service broke; why is for the log and never for the wire.
        package static let failed = Code(kind: .failed)

        package var description: String { kind.rawValue }
    }

    package var code: Code
    /// A lower-case clause for the caller: what was refused and what to do. The wire puts the path before it. Of a ``Code/failed`` one for the log, with nothing in
    /// it of what the caller sent.
    package var message: String
    /// What went wrong underneath; never leaves the process.
    package var cause: (any Error)?
    /// The member at fault, such as `InputDataConfig.S3Key`.
    package var path: String?
    /// The quota that is reached.
    package var quotaName: String?
    package var quotaValue: Int?
    /// The service's own name for the error, where it is not the one that the code has.
    package var type: String?
    /// False where it is certain that nothing was done.
    package var processed: Bool

    /// - Parameter processed: Give true only where something may have been done before the failure.
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
}
