/// A request that is well formed and breaks a rule of the contract.
package struct ConstraintViolation: Error, Sendable, Hashable {
    /// The member at fault in the notation of `data.path`: `Filter.JobName`, `rules[2].ruleName`.
    package private(set) var path: String
    /// A lower-case clause that says what is expected; it never holds the value.
    package let message: String

    package init(path: String = "", _ message: String) {
        self.path = path
        self.message = message
    }

    /// The same violation, seen from the message that holds the value as `member`.
    func inside(_ member: StaticString) -> ConstraintViolation { inside("\(member)") }

    /// The same violation, seen from the list that holds the value at `index`.
    func inside(_ index: Int) -> ConstraintViolation { inside("[\(index)]") }

    private func inside(_ step: String) -> ConstraintViolation {
        var violation = self
        violation.path = path.isEmpty || path.hasPrefix("[") ? step + path : step + "." + path
        return violation
    }
}
