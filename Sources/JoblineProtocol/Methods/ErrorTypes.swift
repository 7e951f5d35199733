/// Names that a service uses for the kinds of error, `data.type` on the wire; nil if the service has no name for a
/// kind.
package struct ErrorTypes: Sendable, Hashable {
    /// The parameters violate the schema or a rule of the service.
    package var invalid: String?
    /// The pagination token does not belong to this list.
    package var invalidToken: String?
    package var notFound: String?
    /// The state of a resource does not allow the request.
    package var conflict: String?
    /// The name is already in use.
    package var alreadyExists: String?
    /// A quota of the service is reached.
    package var quota: String?
    package var accessDenied: String?
    package var throttled: String?
    package var internalError: String?
    package var unavailable: String?

    package init(
        invalid: String? = nil, invalidToken: String? = nil, notFound: String? = nil, conflict: String? = nil,
        alreadyExists: String? = nil, quota: String? = nil, accessDenied: String? = nil, throttled: String? = nil,
        internalError: String? = nil, unavailable: String? = nil
    ) {
        self.invalid = invalid
        self.invalidToken = invalidToken
        self.notFound = notFound
        self.conflict = conflict
        self.alreadyExists = alreadyExists
        self.quota = quota
        self.accessDenied = accessDenied
        self.throttled = throttled
        self.internalError = internalError
        self.unavailable = unavailable
    }
}
