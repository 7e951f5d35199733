internal import Glibc
internal import NIOPosix

/// The socket on which a service manager hears its services (sd_notify(3)).
package struct NotifySocket: Sendable {
    package let path: String
    private let descriptor: CInt

    /// How long a message may take, in seconds, before the daemon counts as dead; a bound, never a measure.
    private static let patience = 60

    package init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard path.utf8.count < target.count else { return false }
            target.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw TestFailure("\(path) is too long for a socket") }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw TestFailure("bind \(path): \(String(cString: strerror(errno)))") }
        var timeout = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    package func close() { Glibc.close(descriptor) }

    /// The next message, such as `READY=1` and `STATUS=…`, a line each.
    package func next() async throws -> [String] {
        let descriptor = descriptor
        return try await NIOThreadPool.singleton.runIfActive {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { throw TestFailure("no message from the daemon within \(Self.patience) s") }
            return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// Waits for the message that holds `line`.
    ///
    /// - Returns: The whole message.
    @discardableResult
    package func waitFor(_ line: String) async throws -> [String] {
        while true {
            let message = try await next()
            if message.contains(line) { return message }
        }
    }
}
