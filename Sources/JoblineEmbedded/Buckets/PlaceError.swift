/// Why a name in a request does not lead to a place below the state directory.
package struct PlaceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case name, missing, outside, unusable }
        private let kind: Kind

        /// The name is not one that stands for a place.
        package static let name = Code(kind: .name)
        /// There is nothing at the place.
        package static let missing = Code(kind: .missing)
        /// A symbolic link leads out of the state directory.
        package static let outside = Code(kind: .outside)
        /// The system does not let the place be read or written.
        package static let unusable = Code(kind: .unusable)
    }

    /// The kind of failure.
    package var code: Code
    /// A lower-case clause for the caller; it holds no path of this machine.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
