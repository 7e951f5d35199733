internal import SystemPackage

/// Why a name in a request does not lead to a place below the state directory.
struct PathError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case name, missing, outside, unusable }
        private let kind: Kind

        /// The name is not one that stands for a place.
        static let name = Code(kind: .name)
        /// There is nothing at the place.
        static let missing = Code(kind: .missing)
        /// A symbolic link leads out of the bucket, or out of the state directory.
        static let outside = Code(kind: .outside)
        /// The system does not let the place be read or written.
        static let unusable = Code(kind: .unusable)
    }

    /// The kind of failure.
    var code: Code
    /// A lower-case clause for the caller, who may be the one that has to mend a file or folder: it can name paths.
    var message: String
    /// The system's error underneath, where there is one.
    var cause: Errno?

    init(_ code: Code, _ message: String, cause: Errno? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    var description: String { message }
}
