/// The whole contract. Every name in it resolves.
struct Contract {
    /// Services in the order of the file names.
    var services: [Service] = []
}

/// Service, described by one file of the contract.
struct Service {
    /// Swift type to which the SDK adds the calls.
    enum Calls: String, CaseIterable {
        /// A type for this service alone.
        case ownType
        /// `JoblineClient` itself.
        case client
    }

    /// Part of a method's name before the dot.
    var name: String
    /// Swift namespace of the messages.
    var swiftName: String
    var summary: String
    var calls: Calls
    /// Groups of operations that differ only in name; empty if there are none.
    var families: [Family]
    /// Names of the service for the kinds of error.
    var errors: [ErrorKind: String]
    /// Wires of AWS that the service has; nil for a service of the daemon itself.
    var aws: AWSWires?
    var operations: [Operation]
    var structures: [Structure]
    var enumerations: [Enumeration]
    var scalars: [Scalar]
    var location: Diagnostic.Location
}

/// Kind of job. The operations of all families of a service have the same messages.
struct Family: Hashable {
    /// Name, as in the names of operations.
    var name: String
    /// Clause that follows "a job that".
    var clause: String
}

/// Kind of error; each service has its own name for it.
enum ErrorKind: String, CaseIterable {
    case invalid, invalidToken, notFound, conflict, alreadyExists, quota, accessDenied, throttled, internalError
    case unavailable

    /// Errors that the daemon itself returns for any operation.
    static let fromDaemon: [ErrorKind] = [.accessDenied, .throttled, .internalError, .unavailable]
}
