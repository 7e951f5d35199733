internal import SystemPackage

extension Error {
    /// Description of the error for logs, without anything that a caller sent, an executor wrote or the store holds.
    ///
    /// Descriptions of unknown errors are not safe: some show rows of the database, and paths hold names of jobs. Of such
    /// errors the text names only the type.
    var logText: String {
        switch self {
        case let error as Errno: "\(error)"
        case let error as TreeError: "\(error.cause)"
        case let error as any StoreError: error.summary
        case let error as StateError: "\(error)"
        case let error as ExecutorError: error.cause.map { "\(error.message): \($0.logText)" } ?? error.message
        default: "\(type(of: self))"
        }
    }

    /// Description of the error for the message of a job, which its caller reads.
    var callerText: String {
        switch self {
        case let error as PathError: error.message
        case let error as TreeError: "\(error)"
        case let error as Errno: "\(error)"
        default: "the daemon failed; its log says why"
        }
    }
}
