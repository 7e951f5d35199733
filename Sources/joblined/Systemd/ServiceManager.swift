internal import CSystemd
internal import Glibc

/// Interface to the service manager: inherited sockets and notifications.
///
/// Without a service manager, which shows in the environment, every method does nothing.
struct ServiceManager: Sendable {
    /// Socket opened by the service manager.
    struct InheritedSocket: Sendable, Hashable {
        let descriptor: CInt
        /// `FileDescriptorName=` of the socket unit; "unknown" if there is none.
        let name: String
    }

    /// Inherited sockets, in the order of their units.
    let sockets: [InheritedSocket]
    /// Watchdog timeout; nil if the watchdog is off.
    let watchdogTimeout: Duration?
    private let notifier = Notifier()

    /// Reads the variables for this process, and unsets them so that no child uses them. Closes other inherited
    /// descriptors.
    ///
    /// Must be called first: it changes the environment of the process, and treats all open descriptors as inherited.
    ///
    /// - Throws: If an announced socket does not exist.
    static func takeOver() throws(DaemonError) -> ServiceManager {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else {
            throw DaemonError(
                .listening, "cannot use the sockets announced by LISTEN_FDS: \(describe(-count))")
        }
        InheritedDescriptors.completeStandard()
        InheritedDescriptors.closeUnknown(from: SD_LISTEN_FDS_START + count)
        defer {
            for index in 0..<Int(count) { free(names?[index]) }
            free(names)
        }
        let sockets = (0..<count).map { index in
            let name = names?[Int(index)].map { String(cString: $0) } ?? "unknown"
            return InheritedSocket(descriptor: SD_LISTEN_FDS_START + index, name: name)
        }
        var microseconds: UInt64 = 0
        let watched = sd_watchdog_enabled(1, &microseconds) > 0
        return ServiceManager(
            sockets: sockets, watchdogTimeout: watched ? .microseconds(Int64(clamping: microseconds)) : nil)
    }

    /// Queues a notification; has no effect without a service manager.
    func notify(_ message: Message) { notifier.send(message.text, mayBeDropped: message.mayBeDropped) }

    /// Waits until all notifications are sent; for the end of the process.
    func flush() { notifier.flush() }

    /// Notification to the service manager.
    enum Message {
        /// Start-up is complete.
        case ready(status: String)
        /// Watchdog keep-alive.
        case alive(status: String)
        /// The configuration is being reloaded; `ready` follows.
        case reloading
        /// Shutdown has begun.
        case stopping(status: String)

        /// Whether the service manager can do without it.
        var mayBeDropped: Bool {
            switch self {
            case .alive, .reloading: true
            case .ready, .stopping: false
            }
        }

        var text: String {
            switch self {
            case .ready(let status): "READY=1\nSTATUS=\(status)"
            case .alive(let status): "WATCHDOG=1\nSTATUS=\(status)"
            case .reloading:
                "RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds)\nSTATUS=reading the configuration"
            case .stopping(let status): "STOPPING=1\nSTATUS=\(status)"
            }
        }
    }

    /// Current time of the clock that the service manager requires.
    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func describe(_ errno: CInt) -> String { String(cString: strerror(errno)) }
}

extension ServiceManager {
    /// Name of the socket in the project's socket unit.
    static let socketName = "jobline"

    /// Returns the socket to serve, and closes the others.
    ///
    /// - Returns: The socket, nil if none was inherited, and the names of closed sockets.
    /// - Throws: If sockets were inherited, but none is ours.
    func chooseSocket() throws(DaemonError) -> (socket: CInt?, closed: [String]) {
        guard !sockets.isEmpty else { return (nil, []) }
        let named = sockets.first { $0.name == Self.socketName }
        // `systemd-socket-activate` and hand-written units do not set a name.
        let chosen = named ?? (sockets.count == 1 && sockets[0].name == "unknown" ? sockets[0] : nil)
        let others = sockets.filter { $0 != chosen }
        for socket in others { close(socket.descriptor) }
        guard let chosen else {
            let names = sockets.map(\.name).joined(separator: ", ")
            throw DaemonError(
                .listening,
                "none of the inherited sockets (\(names)) is named \(Self.socketName); set FileDescriptorName=\(Self.socketName)"
            )
        }
        return (chosen.descriptor, others.map(\.name))
    }
}
