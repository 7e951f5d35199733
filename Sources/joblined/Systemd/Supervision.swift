internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Service that notifies the service manager: ready, alive, reloading, stopping.
final class Supervision: Service {
    /// Checks that the daemon works, and returns its status.
    typealias Check = @Sendable () async throws -> Server.Status

    private let manager: ServiceManager
    private let faults: [FaultRule]
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Stored here instead of in its own Mutex: a closure read through a generic `inout` gets an additional wrapper
        /// at each access.
        var check: Check?
        /// Reason why the last reload was refused; nil if it succeeded.
        var refusal: String?
        /// Shutdown has begun: the end of a reload must not report ready.
        var isStopping = false
    }

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - manager: Service manager to notify.
    ///   - faults: Rules of fault injection, shown in the status.
    ///   - logger: Logs the same.
    init(manager: ServiceManager, faults: [FaultRule], logger: Logger) {
        self.manager = manager
        self.faults = faults
        self.logger = logger
    }

    /// Reports that connections are accepted.
    ///
    /// - Parameters:
    ///   - socket: Path of the socket.
    ///   - state: State directory.
    func serving(on socket: String, state: String) {
        for rule in faults {
            logger.warning(
                "fault injection is active",
                metadata: [
                    "rule": "faults.\(rule.name)", "methods": "\(rule.methods)", "share": "\(rule.share)",
                    "effect": "\(rule.effect)",
                ])
        }
        notifyUnlessStopping { .ready(status: "serving\(remark($0))") }
        logger.notice(
            "serving",
            metadata: [
                "version": "\(ProductVersion.current)", "socket": "\(socket)", "state-directory": "\(state)",
            ])
    }

    /// Reports the start of a reload; must be followed by ``reloaded(refusal:)``.
    func reloading() { notifyUnlessStopping { _ in .reloading } }

    /// Reports the end of a reload.
    ///
    /// - Parameter refusal: Reason why the configuration was refused; shown in the status until one is accepted.
    func reloaded(refusal: String?) {
        notifyUnlessStopping { state in
            state.refusal = refusal
            return .ready(status: "serving\(remark(state))")
        }
    }

    private func notifyUnlessStopping(_ message: (inout State) -> ServiceManager.Message) {
        state.withLock { state in
            if !state.isStopping { manager.notify(message(&state)) }
        }
    }

    /// Sets the check that must succeed before each watchdog keep-alive.
    func watch(_ check: @escaping Check) { state.withLock { $0.check = check } }

    /// Sends watchdog keep-alives until graceful shutdown, and then reports that the daemon stops.
    ///
    /// The service manager then turns off the watchdog, so that the drain only has its own time limits.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.giveSigns() }
        state.withLock { state in
            state.isStopping = true
            manager.notify(.stopping(status: "draining"))
        }
        logger.notice("draining")
    }

    private func remark(_ state: State) -> String {
        var remark = ""
        if let refusal = state.refusal {
            let line = refusal.split(whereSeparator: \.isNewline).joined(separator: "; ")
            remark += "; new configuration refused, the old one stays in force: \(line)"
        }
        if !faults.isEmpty { remark += "; injecting faults (\(faults.map(\.name).joined(separator: ", ")))" }
        return remark
    }

    private func giveSigns() async {
        // Three keep-alives in each timeout, so that one can be late.
        let interval = manager.watchdogTimeout.map { $0 / 3 } ?? .seconds(3600)
        while (try? await Task.sleep(for: interval)) != nil {
            if manager.watchdogTimeout != nil { await giveSign() }
        }
    }

    private func giveSign() async {
        do {
            guard let status = try await state.withLock({ $0 }).check?() else { return }
            notifyUnlessStopping { .alive(status: "serving \(status.connections) connections\(remark($0))") }
        } catch is CancellationError {
        } catch {
            logger.error("watchdog check failed", metadata: ["error": "\(Self.text(of: error))"])
        }
    }

    /// Returns the text of an error; of other modules' errors only the type.
    private static func text(of error: any Error) -> String {
        switch error {
        case let error as ServerError: "\(error)"
        case let error as ServiceError: error.message
        default: "\(type(of: error))"
        }
    }
}
