internal import Dispatch
internal import Glibc

/// A client that knows nothing but bytes: sends some, ends its output, and reads to the end.
package enum ByteExchange {
    private static let timeout: CInt = 30_000
    /// Wait for unexpected bytes after the expected ones.
    private static let quiet: CInt = 200
    private static let readBytes = 64 << 10

    /// Sends and reads at the same time, as much as the peer takes of it.
    ///
    /// - Parameters:
    ///   - pieces: What to send, each by a call of its own.
    ///   - path: The peer's socket.
    ///   - isSettled: Says of what has come whether the peer may leave it at that, without closing.
    /// - Returns: Everything that came until the peer closed, or fell silent after all that had to come.
    /// - Throws: ``TestFailure`` if the peer cannot be reached, breaks the connection off, or neither sends nor closes in half
    ///   a minute.
    package static func send(
        _ pieces: [[UInt8]], to path: String, isSettled: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try exchange(pieces, path, isSettled) }) }
        }
    }

    private static func exchange(
        _ pieces: [[UInt8]], _ path: String, _ isSettled: ([UInt8]) -> Bool
    ) throws -> [UInt8] {
        let descriptor = try connect(to: path)
        defer { Glibc.close(descriptor) }
        var unsent = pieces.filter { !$0.isEmpty }[...]
        var received: [UInt8] = []
        var isSending = true
        while true {
            if unsent.isEmpty, isSending {
                isSending = false
                shutdown(descriptor, CInt(SHUT_WR))
            }
            var events = pollfd(fd: descriptor, events: Int16(POLLIN | (isSending ? POLLOUT : 0)), revents: 0)
            let mayBeAll = !isSending && isSettled(received)
            guard poll(&events, 1, mayBeAll ? quiet : timeout) > 0 else {
                if mayBeAll { return received }
                throw TestFailure("nothing came for half a minute")
            }
            if isSending, events.revents & Int16(POLLOUT | POLLERR) != 0, !send(&unsent, descriptor) {
                // The peer takes no more bytes, but may have sent the reason.
                unsent = []
            }
            if events.revents & Int16(POLLIN | POLLHUP) != 0 {
                let bytes = try read(descriptor)
                if bytes.isEmpty { return received }
                received += bytes
            }
        }
    }

    /// Connects.
    ///
    /// - Returns: The descriptor, which the caller closes.
    package static func connect(to path: String) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let failure = TestFailure("connect: \(String(cString: strerror(errno)))")
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// - Returns: False if the peer takes no more.
    private static func send(_ pieces: inout ArraySlice<[UInt8]>, _ descriptor: CInt) -> Bool {
        guard let piece = pieces.popFirst() else { return true }
        let count = Glibc.send(descriptor, piece, piece.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
        if count < 0 && errno != EAGAIN { return false }
        if count < piece.count { pieces = [Array(piece.dropFirst(max(0, count)))] + pieces }
        return true
    }

    private static func read(_ descriptor: CInt) throws -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: readBytes) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(0, count)
        }
        guard count >= 0 else { throw TestFailure("recv: \(String(cString: strerror(errno)))") }
        return bytes
    }
}
