internal import LibC

/// Failure to listen on a socket.
package struct ListenerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable {
            case path, inUse, foreign, permission, descriptor, system
        }
        private let kind: Kind

        /// The path is empty or too long, or its directory is missing.
        package static let path = Code(kind: .path)
        /// Another process listens on the path.
        package static let inUse = Code(kind: .inUse)
        /// The path has a file that the daemon must not replace.
        package static let foreign = Code(kind: .foreign)
        /// Permission denied.
        package static let permission = Code(kind: .permission)
        /// An inherited descriptor is not a listening Unix stream socket.
        package static let descriptor = Code(kind: .descriptor)
        /// A system call failed.
        package static let system = Code(kind: .system)
    }

    package let code: Code
    /// Lower-case clause that names the socket and what to do.
    package let message: String
    /// Error number of the system call; 0 if no system call failed.
    package let errorNumber: Int32

    package init(_ code: Code, _ message: String, errorNumber: Int32 = 0) {
        self.code = code
        self.message = message
        self.errorNumber = errorNumber
    }

    package var description: String {
        errorNumber == 0 ? message : "\(message): \(Self.text(of: errorNumber))"
    }

    /// Returns the error for a failed system call.
    static func system(_ what: String, _ errorNumber: Int32 = errno) -> ListenerError {
        let denied = errorNumber == EACCES || errorNumber == EPERM || errorNumber == EROFS
        return ListenerError(denied ? .permission : .system, what, errorNumber: errorNumber)
    }

    private static func text(of errorNumber: Int32) -> String {
        strerror(errorNumber).map { String(cString: $0) } ?? "error \(errorNumber)"
    }
}
