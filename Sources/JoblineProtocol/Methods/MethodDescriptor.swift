/// What the contract says of a method beyond its messages.
///
/// A class, so that to look at one thing of it does not take a copy of all.
package final class MethodDescriptor: Sendable {
    /// Which of a client's budgets a request takes from.
    package enum LimitClass: String, Sendable, Hashable {
        /// Describe, list, get.
        case read
        /// Start, stop, create, update, delete.
        case write
        /// Costs next to nothing or has to get through always; not limited.
        case unlimited
    }

    /// When a request may be sent again although it is not known what became of the first one.
    package enum RetrySafety: String, Sendable, Hashable {
        /// Always: it changes nothing.
        case readonly
        /// Always: done twice it is as if done once.
        case idempotent
        /// Always: it carries a token under which the service recognises it.
        case token
        /// After a look whether something of this name exists now.
        case name
        /// Only where the reply promised that nothing was done.
        case never
    }

    /// Names of the members that a list is paged with.
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

    /// `Service.Operation`.
    package let name: String
    /// One line that says what the method does.
    package let summary: String
    package let limitClass: LimitClass
    package let retrySafety: RetrySafety
    package let pagination: Pagination?
    /// The notification that it sends, again and again, before its final reply; nil where it sends none.
    package let notification: String?
    /// The kinds of error that its service answers with. The daemon's own come on top: access denied, throttled, internal
    /// error, unavailable.
    package let errors: ErrorKinds
    /// Refusals that are of no kind, by their names.
    package let refusals: [String]
    /// Names of the refusals that differ by the member at fault.
    private let refusalsOf: [String: String]
    /// The service's own names for the errors of this method.
    package let errorTypes: ErrorTypes

    package init(
        name: String, summary: String, limitClass: LimitClass, retrySafety: RetrySafety,
        pagination: Pagination? = nil, notification: String? = nil, errors: ErrorKinds, refusals: [String] = [],
        refusalsOf: [String: String] = [:], errorTypes: ErrorTypes
    ) {
        self.name = name
        self.summary = summary
        self.limitClass = limitClass
        self.retrySafety = retrySafety
        self.pagination = pagination
        self.notification = notification
        self.errors = errors
        self.refusals = refusals
        self.refusalsOf = refusalsOf
        self.errorTypes = errorTypes
    }

    /// The service's own name for the refusal of a request.
    ///
    /// - Parameter path: The member at fault, such as `Filter.JobName`; nil or empty for the request as a whole.
    package func invalidType(at path: String?) -> String? {
        let member = path?.prefix { $0 != "." && $0 != "[" }
        return member.flatMap { refusalsOf[String($0)] } ?? errorTypes.invalid
    }

    /// The part before the dot: `ComprehendMedical`, `Personalize`, `EntityResolution`, `Sidecar`, `rpc`.
    package var service: Substring { name.prefix { $0 != "." } }
}
