/// Properties of a method in the contract, except its messages.
///
/// A class, so that reading one property does not copy all of them.
package final class MethodDescriptor: Sendable {
    /// Rate limit budget that a request uses.
    package enum LimitClass: String, Sendable, Hashable {
        /// Methods that describe, list or get.
        case read
        /// Methods that start, stop, create, update or delete.
        case write
        /// Methods that are cheap or must always succeed; not rate limited.
        case unlimited
    }

    /// Condition under which a request with unknown outcome can be repeated.
    package enum RetrySafety: String, Sendable, Hashable {
        /// Always: the method changes nothing.
        case readonly
        /// Always: a repetition has no further effect.
        case idempotent
        /// Always: the service recognises a repetition by its token.
        case token
        /// After checking whether something of this name exists now.
        case name
        /// Only if the reply guarantees that nothing was done.
        case never
    }

    /// Names of the members of a paginated list.
    package struct Pagination: Sendable, Hashable {
        package let inputToken: String
        package let outputToken: String
        package let limit: String
        package let items: String

        package init(inputToken: String, outputToken: String, limit: String, items: String) {
            self.inputToken = inputToken
            self.outputToken = outputToken
            self.limit = limit
            self.items = items
        }
    }

    package let name: String
    /// Summary in one line.
    package let summary: String
    package let limitClass: LimitClass
    package let retrySafety: RetrySafety
    package let pagination: Pagination?
    /// Notification sent before the final reply; nil if there is none.
    package let notification: String?
    /// Kinds of error of the service. The daemon itself can also return access denied, throttled, internal error and
    /// unavailable.
    package let errors: ErrorKinds
    /// Error types that belong to no kind.
    package let otherErrorTypes: [String]
    /// Error types for invalid members, by member, where they differ from the type in `errorTypes`.
    private let invalidMemberTypes: [String: String]
    /// Names of the service for the errors of this method.
    package let errorTypes: ErrorTypes

    package init(
        name: String, summary: String, limitClass: LimitClass, retrySafety: RetrySafety,
        pagination: Pagination? = nil, notification: String? = nil, errors: ErrorKinds,
        otherErrorTypes: [String] = [], invalidMemberTypes: [String: String] = [:], errorTypes: ErrorTypes
    ) {
        self.name = name
        self.summary = summary
        self.limitClass = limitClass
        self.retrySafety = retrySafety
        self.pagination = pagination
        self.notification = notification
        self.errors = errors
        self.otherErrorTypes = otherErrorTypes
        self.invalidMemberTypes = invalidMemberTypes
        self.errorTypes = errorTypes
    }

    /// Returns the service's name for the error of an invalid request.
    ///
    /// - Parameter path: Invalid member, such as `Filter.JobName`; nil or empty for the whole request.
    package func invalidType(at path: String?) -> String? {
        let member = path?.prefix { $0 != "." && $0 != "[" }
        return member.flatMap { invalidMemberTypes[String($0)] } ?? errorTypes.invalid
    }

    /// Part before the dot: `ComprehendMedical`, `Personalize`, `EntityResolution`, `Sidecar` or `rpc`.
    package var service: Substring { name.prefix { $0 != "." } }
}
