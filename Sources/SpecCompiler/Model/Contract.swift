/// The whole contract, checked: every name in it resolves.
struct Contract {
    /// In the order of the files' names.
    var services: [Service] = []
}

/// One service: what one file of the contract says.
struct Service {
    /// Where the SDK puts the calls.
    enum Calls: String, CaseIterable {
        /// Into a type of the service's own.
        case ownType
        /// Onto the client itself.
        case client
    }

    /// The part of a method's name before the dot.
    var name: String
    /// The Swift namespace of its messages.
    var swiftName: String
    var summary: String
    var calls: Calls
    /// Look-alike groups of operations; empty where there are none.
    var families: [Family]
    /// The service's own names for the kinds of error.
    var errors: [ErrorKind: String]
    var operations: [Operation]
    var structures: [Structure]
    var enumerations: [Enumeration]
    var scalars: [Scalar]
    var location: Diagnostic.Location
}

/// A group of operations that differ from another group's in nothing but the name.
struct Family: Hashable {
    /// As it stands in the operations' names.
    var name: String
    /// A clause that follows "a job that".
    var clause: String
}

/// The kinds of error that every service shares; each service has its own names for them.
enum ErrorKind: String, CaseIterable {
    case invalid, invalidToken, notFound, conflict, alreadyExists, quota, accessDenied, throttled, internalError
    case unavailable

    /// Those that the daemon itself answers with as well, whatever the operation.
    static let fromDaemon: [ErrorKind] = [.accessDenied, .throttled, .internalError, .unavailable]
}
