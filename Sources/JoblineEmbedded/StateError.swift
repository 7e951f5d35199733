/// Error of a state directory that cannot be used.
package struct StateError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case directory, inUse, foreign, newer, damaged, database }
        private let kind: Kind

        /// The directory or a file in it cannot be created, read or written.
        package static let directory = Code(kind: .directory)
        /// Another daemon uses the directory.
        package static let inUse = Code(kind: .inUse)
        /// The database belongs to another program.
        package static let foreign = Code(kind: .foreign)
        /// The database was written by a newer version.
        package static let newer = Code(kind: .newer)
        /// The database is damaged.
        package static let damaged = Code(kind: .damaged)
        /// SQLite cannot use the database.
        package static let database = Code(kind: .database)
    }

    /// The kind of failure.
    package var code: Code
    /// A lower-case clause that names the file and says what to do.
    package var message: String
    /// Underlying error.
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String {
        guard let cause else { return message }
        return "\(message): \(cause.logText)"
    }
}
