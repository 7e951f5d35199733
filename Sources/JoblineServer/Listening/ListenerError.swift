internal import LibC

/// Why a socket cannot be listened on.
package struct ListenerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable {
            case path, inUse, foreign, permission, descriptor, system
        }
        private let kind: Kind

        /// The path cannot be that of a socket: too long, empty, or its directory is missing.
        package static let path = Code(kind: .path)
        /// Another process listens there.
        package static let inUse = Code(kind: .inUse)
        /// Something is there that is not ours to replace.
        package static let foreign = Code(kind: .foreign)
        /// The system does not allow it.
        package static let permission = Code(kind: .permission)
        /// An inherited descriptor is not a listening Unix stream socket.
        package static let descriptor = Code(kind: .descriptor)
        /// A system call failed.
        package static let system = Code(kind: .system)
    }

    package let code: Code
    /// A lower-case clause that names the socket and the way out.
    package let message: String
    /// The system's error number behind it; 0 if there is none.
    package let errorNumber: Int32

    package init(_ code: Code, _ message: String, errorNumber: Int32 = 0) {
        self.code = code
        self.message = message
        self.errorNumber = errorNumber
    }

    package var description: String {
        errorNumber == 0 ? message : "\(message): \(Self.text(of: errorNumber))"
    }

    /// The failure of a system call on a path.
    static func system(_ what: String, _ errorNumber: Int32 = errno) -> ListenerError {
        let denied = errorNumber == EACCES || errorNumber == EPERM || errorNumber == EROFS
        return ListenerError(denied ? .permission : .system, what, errorNumber: errorNumber)
    }

    private static func text(of errorNumber: Int32) -> String {
        strerror(errorNumber).map { String(cString: $0) } ?? "error \(errorNumber)"
    }
}
