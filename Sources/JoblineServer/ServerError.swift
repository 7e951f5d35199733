/// Failure to start the server, or to keep it running.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    /// Kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case configuration, listening, state }
        private let kind: Kind

        /// A number in the configuration is out of range.
        package static let configuration = Code(kind: .configuration)
        /// The listening socket cannot be used, or failed.
        package static let listening = Code(kind: .listening)
        /// The server is in the wrong state for this call.
        package static let state = Code(kind: .state)
    }

    package let code: Code
    /// Lower-case clause that names the subject and what to do.
    package let message: String
    /// Underlying error.
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}
