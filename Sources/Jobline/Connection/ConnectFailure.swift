internal import NIOCore

internal import LibC

/// Why no connection could be made.
struct ConnectFailure: Error, Sendable {
    /// A lower-case clause with the path and what to do.
    let message: String
    /// True where the daemon may be there a moment later; false where someone has to change something first.
    let mayPass: Bool
    let cause: (any Error)?

    init(message: String, mayPass: Bool, cause: (any Error)? = nil) {
        self.message = message
        self.mayPass = mayPass
        self.cause = cause
    }

    /// What an error of connect(2), or of the path itself, means.
    init(_ error: any Error, path: String) {
        guard let error = error as? IOError else {
            let isPath = error is SocketAddressError || error is SocketAddressError.FailedToParseIPByteBuffer
            self.init(
                message: isPath
                    ? "\(path) is no path for a socket; at most 107 bytes are possible" : "cannot connect to \(path)",
                mayPass: !isPath, cause: error)
            return
        }
        switch error.errnoCode {
        case ENOENT:
            self.init(message: "no socket at \(path); start joblined, or set JOBLINE_SOCKET", mayPass: true)
        case ECONNREFUSED:
            self.init(message: "nobody listens at \(path); start joblined", mayPass: true)
        case EAGAIN:
            self.init(message: "too many connections wait at \(path)", mayPass: true)
        case EACCES, EPERM:
            self.init(message: SocketDenial.message(path), mayPass: false)
        case ENOTSOCK, EPROTOTYPE, ENOTDIR, ELOOP, ENAMETOOLONG:
            self.init(message: "\(path) is no stream socket", mayPass: false, cause: error)
        default:
            self.init(message: "cannot connect to \(path)", mayPass: true, cause: error)
        }
    }
}
