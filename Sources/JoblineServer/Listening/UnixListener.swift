internal import LibC
internal import Synchronization

/// Listening Unix stream socket, inherited from a service manager or bound by this process.
///
/// Clients can connect as soon as it exists. They wait in the kernel's queue until a server takes the socket.
package final class UnixListener: Sendable {
    /// Socket file that this process created.
    struct Binding: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    private struct State {
        /// nil after a server took the socket, or after it was closed.
        var descriptor: CInt?
        /// nil for an inherited socket, whose file belongs to its creator, and after the file was removed.
        var binding: Binding?
    }

    /// Path that this process bound the socket to; nil for an inherited socket.
    package let path: String?
    private let state: Mutex<State>

    init(_ descriptor: CInt, _ binding: Binding?) {
        path = binding?.path
        state = Mutex(State(descriptor: descriptor, binding: binding))
    }

    deinit {
        if let descriptor = state.withLock({ $0.descriptor.take() }) { LibC.close(descriptor) }
    }

    /// Adopts a listening socket of another process.
    ///
    /// - Parameter descriptor: Descriptor of the socket. The listener owns it from now on, unless this throws.
    /// - Throws: If it is not a listening Unix stream socket.
    package static func inherited(_ descriptor: CInt) throws(ListenerError) -> UnixListener {
        #if os(Linux)
            try check(descriptor, SO_DOMAIN, is: AF_UNIX, "not a Unix socket")
        #endif
        #if canImport(Glibc)
            try check(descriptor, SO_TYPE, is: CInt(SOCK_STREAM.rawValue), "not a stream socket")
        #else
            try check(descriptor, SO_TYPE, is: SOCK_STREAM, "not a stream socket")
        #endif
        try check(descriptor, SO_ACCEPTCONN, is: 1, "not listening")
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) >= 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0
        else { throw .system("descriptor \(descriptor)") }
        return UnixListener(descriptor, nil)
    }

    private static func check(
        _ descriptor: CInt, _ option: CInt, is expected: CInt, _ defect: String
    ) throws(ListenerError) {
        var value: CInt = -1
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 else {
            throw ListenerError(.descriptor, "descriptor \(descriptor) is no socket", errorNumber: errno)
        }
        guard value == expected else {
            throw ListenerError(
                .descriptor, "descriptor \(descriptor) is \(defect); a listening Unix stream socket is expected")
        }
    }

    /// Passes the socket to a server, which closes it.
    ///
    /// - Returns: Descriptor of the socket; nil if it was taken or closed before.
    func take() -> CInt? { state.withLock { $0.descriptor.take() } }

    /// Path that any process bound the socket to; nil if it has none or the path is not UTF-8. After a server took the socket: ``path``.
    package var address: String? {
        guard let descriptor = state.withLock({ $0.descriptor }) else { return path }
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout.size(ofValue: address))
        let status = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard status == 0 else { return path }
        return withUnsafeBytes(of: address.sun_path) { bytes in
            let text = bytes.prefix { $0 != 0 }
            return text.isEmpty ? nil : String(validating: text, as: UTF8.self)
        }
    }

    /// Duplicates the socket, so that a server can end without closing it for good.
    ///
    /// - Throws: If it was taken or closed before, or the process has no free descriptor.
    package func copy() throws(ListenerError) -> UnixListener {
        let copy = state.withLock { state in state.descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1 }
        guard copy >= 0 else { throw .system("the listening socket cannot be copied") }
        return UnixListener(copy, nil)
    }

    /// Removes the file of a socket that this process bound, unless another process has replaced it.
    ///
    /// Call it before the descriptor is closed: while it is open, no other file can have its inode number.
    package func unlink() {
        guard let binding = state.withLock({ $0.binding.take() }) else { return }
        let lock = try? SocketLock(of: binding.path)
        defer { lock?.release() }
        var found = stat()
        guard lstat(binding.path, &found) == 0, found.st_dev == binding.device, found.st_ino == binding.inode else {
            return
        }
        LibC.unlink(binding.path)
    }

    /// Closes the socket unless a server took it, and removes its file if this process created it.
    package func close() {
        unlink()
        if let descriptor = take() { LibC.close(descriptor) }
    }
}
