internal import LibC
internal import Synchronization

/// A listening Unix stream socket: one that a service manager handed over, or one that this process bound itself.
///
/// Clients can connect from the instant it exists; they wait in the kernel's queue until a server takes it.
package final class UnixListener: Sendable {
    /// The file that this process made.
    struct Binding: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t
    }

    private struct State {
        /// nil once a server took it, or it is closed.
        var descriptor: CInt?
        /// nil for an inherited socket, whose file belongs to who made it, and once the file is removed.
        var binding: Binding?
    }

    /// Where the socket was bound by this process; nil for an inherited one.
    package let path: String?
    private let state: Mutex<State>

    init(_ descriptor: CInt, _ binding: Binding?) {
        path = binding?.path
        state = Mutex(State(descriptor: descriptor, binding: binding))
    }

    deinit {
        if let descriptor = state.withLock({ $0.descriptor.take() }) { LibC.close(descriptor) }
    }

    /// Takes over a socket that another process made and that is listened on already.
    ///
    /// - Parameter descriptor: The socket; from now on it belongs to the listener, unless this throws.
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

    /// Hands the socket to a server, which closes it.
    ///
    /// - Returns: nil if it was handed out or closed before.
    func take() -> CInt? { state.withLock { $0.descriptor.take() } }

    /// The path that the socket is bound to, whoever bound it; nil if it has none that is text, or was handed out.
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

    /// The same socket once more, for a server that is not to close it for good.
    ///
    /// - Throws: If it was handed out or closed before, or the process has no descriptor left.
    package func copy() throws(ListenerError) -> UnixListener {
        let copy = state.withLock { state in state.descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1 }
        guard copy >= 0 else { throw .system("the listening socket cannot be copied") }
        return UnixListener(copy, nil)
    }

    /// Removes the file of a socket that this process bound, if it is still there and not another's by now.
    ///
    /// To be called before the descriptor is closed: as long as it is open, no other file can have its inode number.
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

    /// Closes the socket unless a server took it, and removes its file if this process made it.
    package func close() {
        unlink()
        if let descriptor = take() { LibC.close(descriptor) }
    }
}
