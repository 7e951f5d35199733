/// Violation of a constraint of the contract by a well-formed request.
package struct ConstraintViolation: Error, Sendable, Hashable {
    /// Invalid member in the notation of `data.path`: `Filter.JobName`, `rules[2].ruleName`.
    package private(set) var path: String
    /// Lower-case clause that describes what is allowed; it never contains the value.
    package let message: String

    package init(path: String = "", _ message: String) {
        self.path = path
        self.message = message
    }

    /// Returns the same violation for the message whose member `member` is invalid.
    func inside(_ member: StaticString) -> ConstraintViolation { inside("\(member)") }

    /// Returns the same violation for the list whose element at `index` is invalid.
    func inside(_ index: Int) -> ConstraintViolation { inside("[\(index)]") }

    private func inside(_ step: String) -> ConstraintViolation {
        var violation = self
        violation.path = path.isEmpty || path.hasPrefix("[") ? step + path : step + "." + path
        return violation
    }
}
