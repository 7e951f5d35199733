internal import SystemPackage

/// Error of a name in a request that does not lead to a usable file or folder.
struct PathError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case name, missing, outside, unusable }
        private let kind: Kind

        /// The name is invalid.
        static let name = Code(kind: .name)
        /// The file or folder does not exist.
        static let missing = Code(kind: .missing)
        /// A symbolic link leads out of the bucket, or out of the state directory.
        static let outside = Code(kind: .outside)
        /// The file or folder cannot be read or written.
        static let unusable = Code(kind: .unusable)
    }

    /// The kind of failure.
    var code: Code
    /// Lower-case clause for the caller. It may name paths, since the caller may have to fix a file or folder.
    var message: String
    /// Underlying system error.
    var cause: Errno?

    init(_ code: Code, _ message: String, cause: Errno? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    var description: String { message }
}
