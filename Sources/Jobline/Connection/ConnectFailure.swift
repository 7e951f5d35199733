internal import NIOCore

internal import LibC

/// Failure of a connection attempt.
struct ConnectFailure: Error, Sendable {
    /// Description with the path and the remedy; starts in lower case and has no final period.
    let message: String
    /// Whether a later attempt may succeed without a change of the configuration or the permissions.
    let mayPass: Bool
    let cause: (any Error)?

    init(message: String, mayPass: Bool, cause: (any Error)? = nil) {
        self.message = message
        self.mayPass = mayPass
        self.cause = cause
    }

    /// Creates the failure for an error of connect(2) or for an invalid path.
    init(_ error: any Error, path: String) {
        guard let error = error as? IOError else {
            let isPath = error is SocketAddressError || error is SocketAddressError.FailedToParseIPByteBuffer
            self.init(
                message: isPath
                    ? "\(path) is not a valid socket path; the limit is 107 bytes" : "cannot connect to \(path)",
                mayPass: !isPath, cause: error)
            return
        }
        switch error.errnoCode {
        case ENOENT:
            self.init(message: "no socket at \(path); start joblined, or set JOBLINE_SOCKET", mayPass: true)
        case ECONNREFUSED:
            self.init(message: "no process listens at \(path); start joblined", mayPass: true)
        case EAGAIN:
            self.init(message: "the listen queue of \(path) is full", mayPass: true)
        case EACCES, EPERM:
            self.init(message: SocketDenial.message(path), mayPass: false)
        case ENOTSOCK, EPROTOTYPE, ENOTDIR, ELOOP, ENAMETOOLONG:
            self.init(message: "\(path) is not a stream socket", mayPass: false, cause: error)
        default:
            self.init(message: "cannot connect to \(path)", mayPass: true, cause: error)
        }
    }
}
