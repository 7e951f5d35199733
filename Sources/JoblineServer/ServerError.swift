/// Why a server could not start or had to stop.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case configuration, listening, state }
        private let kind: Kind

        /// A number in the configuration makes no sense.
        package static let configuration = Code(kind: .configuration)
        /// The listening socket cannot be used, or broke.
        package static let listening = Code(kind: .listening)
        /// The server is not in a state in which it can do this.
        package static let state = Code(kind: .state)
    }

    package let code: Code
    /// A lower-case clause that names the thing and the way out.
    package let message: String
    /// What went wrong underneath.
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}
