internal import CSystemd
internal import Glibc

/// The service manager, as far as it speaks through the environment: sockets it hands over, and what it wants to be told.
///
/// Without one (nothing in the environment) every call does nothing.
struct ServiceManager: Sendable {
    /// A socket that the service manager opened.
    struct InheritedSocket: Sendable, Hashable {
        let descriptor: CInt
        /// `FileDescriptorName=` of the socket unit; "unknown" where none is given.
        let name: String
    }

    /// The sockets that were handed over, in the order of their units.
    let sockets: [InheritedSocket]
    /// How long the service manager waits for a sign of life; nil if it does not watch.
    let watchdogTimeout: Duration?
    private let notifier = Notifier()

    /// Takes what the environment holds for this process, and removes it there so that no child takes it again. Descriptors that
    /// nobody announced are closed.
    ///
    /// Call it first of all: it changes the environment, which belongs to all threads, and takes what is open for inherited.
    ///
    /// - Throws: If sockets are announced and not there.
    static func takeOver() throws(DaemonError) -> ServiceManager {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else {
            throw DaemonError(
                .listening, "the sockets announced by LISTEN_FDS cannot be taken over: \(describe(-count))")
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

    /// Tells the service manager soon, and nobody if there is none.
    func notify(_ message: Message) { notifier.send(message.text, mayBeDropped: message.mayBeDropped) }

    /// Waits for what was told to be on its way; for the end of the process.
    func flush() { notifier.flush() }

    /// What the service manager understands.
    enum Message {
        /// Start-up is complete; with a status line.
        case ready(status: String)
        /// A sign of life; with a status line.
        case alive(status: String)
        /// The configuration is read anew; `ready` follows.
        case reloading
        /// The end has begun; with a status line.
        case stopping(status: String)

        /// True if the service manager can do without it.
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

    /// What the service manager compares the times of its own events with.
    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func describe(_ errno: CInt) -> String { String(cString: strerror(errno)) }
}

extension ServiceManager {
    /// The name that our socket unit gives its socket.
    static let socketName = "jobline"

    /// The one socket to serve; all others that were handed over are closed.
    ///
    /// - Returns: The socket, nil if none was handed over, and the names of those that were closed.
    /// - Throws: If sockets were handed over and none of them is ours.
    func chooseSocket() throws(DaemonError) -> (socket: CInt?, closed: [String]) {
        guard !sockets.isEmpty else { return (nil, []) }
        let named = sockets.first { $0.name == Self.socketName }
        // `systemd-socket-activate` and hand-written units give no name.
        let chosen = named ?? (sockets.count == 1 && sockets[0].name == "unknown" ? sockets[0] : nil)
        let others = sockets.filter { $0 != chosen }
        for socket in others { close(socket.descriptor) }
        guard let chosen else {
            let names = sockets.map(\.name).joined(separator: ", ")
            throw DaemonError(
                .listening,
                "none of the sockets handed over (\(names)) is named \(Self.socketName); set FileDescriptorName=\(Self.socketName)"
            )
        }
        return (chosen.descriptor, others.map(\.name))
    }
}
