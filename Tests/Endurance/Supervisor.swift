internal import Glibc
internal import Subprocess
internal import Synchronization
internal import TestSupport

/// Restarts, kills and drains the daemon under load.
enum Trouble: String, CaseIterable {
    /// Stopped and continued before its client minds.
    case pause
    /// Stopped until its client has given it up and waits on the next connection, then continued.
    case longPause = "long pause"
    /// Stopped as long, and then killed with whatever waits in its queue.
    case killedWhilePaused = "killed while paused"
    case kill
    /// Drained, and followed by another.
    case restart

    /// Events of one round.
    static let round: [Trouble] = [.restart, .pause, .kill, .longPause, .restart, .killedWhilePaused, .kill, .restart]
}

/// Keeps a daemon running as systemd does: whenever one has ended, starts the next.
final class Supervisor: Sendable {
    private struct State {
        /// nil while none is ready.
        var daemon: DaemonProcess?
        /// Expected end of the current daemon.
        var expected: TerminationStatus?
        var violations: [String] = []
    }

    private let stage: Stage
    private let held: HeldSocket?
    private let state = Mutex(State())

    init(_ stage: Stage, _ held: HeldSocket?) {
        self.stage = stage
        self.held = held
    }

    /// Ends of daemons that nobody wanted.
    var violations: [String] { state.withLock { $0.violations } }

    /// Runs daemons until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            let (_, end) = try await DaemonProcess.with(
                in: stage.directory, settings: stage.settings, logLevel: "warning", held: held
            ) { daemon in
                state.withLock { state in
                    state.daemon = daemon
                    state.expected = nil
                }
                while ProcessTable.isRunning(daemon.pid) { try await Task.sleep(for: .milliseconds(2)) }
                state.withLock { $0.daemon = nil }
            }
            state.withLock { state in
                guard end.status != state.expected else { return }
                state.violations.append("a daemon ended with \(end.status): \(end.log.suffix(2000))")
            }
        }
    }

    /// Leaves no daemon behind where the program ends at once.
    func abandon() { state.withLock { $0.daemon?.send(.kill) } }

    /// The daemon, as soon as one is ready.
    func ready(after former: Int32? = nil) async throws -> DaemonProcess {
        while true {
            if let daemon = state.withLock({ $0.daemon }), daemon.pid != former { return daemon }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Applies the event to the daemon, and waits until a daemon is available again.
    func cause(_ trouble: Trouble, pause: Double) async throws {
        let daemon = try await ready()
        switch trouble {
        case .pause: try await stop(daemon, seconds: pause / 4)
        case .longPause: try await stop(daemon, seconds: pause)
        case .killedWhilePaused: try await stop(daemon, seconds: pause) { try await end(daemon, .kill) }
        case .kill: try await end(daemon, .kill)
        case .restart: try await end(daemon, .terminate)
        }
    }

    private func stop(
        _ daemon: DaemonProcess, seconds: Double, then body: () async throws -> Void = {}
    ) async throws {
        daemon.send(.suspend)
        // A stopped process would not end, so continue it in any case.
        defer { daemon.send(.resume) }
        try await Task.sleep(for: .seconds(seconds))
        try await body()
    }

    private func end(_ daemon: DaemonProcess, _ signal: Signal) async throws {
        state.withLock { $0.expected = signal == .kill ? .signaled(SIGKILL) : .exited(0) }
        daemon.send(signal)
        _ = try await ready(after: daemon.pid)
    }
}
