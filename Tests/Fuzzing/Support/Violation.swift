/// Violation of a property by an input.
package struct Violation: Error, CustomStringConvertible {
    /// Expected and actual result; can contain parts of the input.
    package let description: String

    package init(_ description: String) { self.description = description }
}
