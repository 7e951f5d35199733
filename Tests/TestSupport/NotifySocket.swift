internal import Foundation
internal import Glibc

/// The socket on which a service manager hears its services (sd_notify(3)).
package struct NotifySocket: Sendable {
    package let path: String
    private let descriptor: CInt
    private let messages: AsyncStream<[String]>

    /// Maximum wait for a message in seconds; a bound, never a measurement.
    private static let timeout = 60

    /// - Parameters:
    ///   - path: Where to listen.
    ///   - reads: False: reads nothing, like a manager that hangs, so that senders soon block.
    package init(path: String, reads: Bool = true) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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
        var timeout = timeval(tv_sec: Self.timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        self.path = path
        self.descriptor = descriptor
        messages = reads ? Self.read(descriptor) : AsyncStream { $0.finish() }
    }

    /// Reads all the time, as a service manager does: a service whose messages nobody reads gets stuck when sending them.
    private static func read(_ descriptor: CInt) -> AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream<[String]>.makeStream()
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 4096)
            // Close only after the last receive: until then the descriptor must be this socket's.
            while true {
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count > 0 {
                    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
                    continuation.yield(lines.map(String.init))
                } else if count < 0, errno == EAGAIN || errno == EINTR {
                    if errno == EAGAIN { continuation.finish() }
                } else {
                    break
                }
            }
            continuation.finish()
            Glibc.close(descriptor)
        }
        return stream
    }

    /// Stops reading.
    package func close() { shutdown(descriptor, CInt(SHUT_RD)) }

    /// The next message, such as `READY=1` and `STATUS=…`, a line each.
    package func next() async throws -> [String] {
        for await message in messages { return message }
        throw TestFailure("no message from the daemon within \(Self.timeout) s")
    }

    /// Waits for the message that holds `line`.
    ///
    /// - Returns: The whole message.
    @discardableResult
    package func waitFor(_ line: String) async throws -> [String] { try await waitFor { $0 == line } }

    /// Waits for the message with a line for which `isExpected` returns true.
    ///
    /// - Returns: The whole message.
    @discardableResult
    package func waitFor(_ isExpected: (String) -> Bool) async throws -> [String] {
        while true {
            let message = try await next()
            if message.contains(where: isExpected) { return message }
        }
    }
}
