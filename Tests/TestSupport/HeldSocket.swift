internal import Glibc
internal import NIOCore

/// A listening socket that stays while daemons come and go, as systemd holds that of `jobline.socket`.
package struct HeldSocket: Sendable {
    package let path: String
    let descriptor: CInt

    /// Backlog, as long as systemd's.
    private static let backlog: CInt = 4096

    /// Starts to listen.
    package init(path: String) throws {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        let bound = try SocketAddress(unixDomainSocketPath: path).withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        guard bound == 0, listen(descriptor, Self.backlog) == 0 else {
            throw TestFailure("listen at \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.descriptor = descriptor
    }

    /// Stops listening; a daemon that was given it goes on.
    package func close() { Glibc.close(descriptor) }

    /// Becomes the daemon, with what is its standard input as the socket that it is activated with.
    static let launcher = [
        "sh", "-c",
        """
        exec 3<&0 < /dev/null
        export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=jobline
        exec "$@"
        """, "sh",
    ]
}
