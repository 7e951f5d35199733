/// A property that does not hold of an input.
package struct Violation: Error, CustomStringConvertible {
    /// What was expected and what was found; may hold parts of the input.
    package let description: String

    package init(_ description: String) { self.description = description }
}
