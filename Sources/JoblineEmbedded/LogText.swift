internal import SystemPackage

extension Error {
    /// What the log says of an error: nothing that a caller sent, that an executor wrote, or that stands in the database.
    ///
    /// Descriptions are not to be trusted with that: GRDB's of a row that cannot be read shows the row, and names of directories
    /// are made of names of jobs. So what is not known here is told by its kind.
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
}
