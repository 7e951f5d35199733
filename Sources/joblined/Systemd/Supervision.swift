internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Keeps the service manager informed: ready, alive, reloading, stopping.
final class Supervision: Service {
    /// Proves that the daemon still works, and tells what it is doing.
    typealias Check = @Sendable () async throws -> Server.Status

    private let manager: ServiceManager
    private let faults: [FaultRule]
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// In here and not in a mutex of its own: a function that is read through a generic `inout` gets another wrapper each
        /// time, for ever.
        var check: Check?
        /// Why the last reload was refused; nil if it was not.
        var refusal: String?
        /// The last word is said: a reload that ends now must not make the daemon look ready.
        var isStopping = false
    }

    /// - Parameters:
    ///   - manager: Who is informed.
    ///   - faults: What goes wrong on purpose; everybody who looks is told.
    ///   - logger: Told the same.
    init(manager: ServiceManager, faults: [FaultRule], logger: Logger) {
        self.manager = manager
        self.faults = faults
        self.logger = logger
    }

    /// To be called once connections are accepted.
    ///
    /// - Parameters:
    ///   - socket: Where they are accepted.
    ///   - state: The state directory.
    func serving(on socket: String, state: String) {
        for rule in faults {
            logger.warning(
                "calls go wrong on purpose",
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

    /// To be called before the configuration is read anew, and followed by ``reloaded(refusal:)``.
    func reloading() { notifyUnlessStopping { _ in .reloading } }

    /// To be called when the reload came to its end.
    ///
    /// - Parameter refusal: Why the new configuration was refused; the status shows it until one is accepted.
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

    /// What has to succeed before a sign of life is given.
    func watch(_ check: @escaping Check) { state.withLock { $0.check = check } }

    /// Gives signs of life until graceful shutdown, and tells then that the daemon stops.
    ///
    /// The service manager stops watching when it hears that, so the drain has its own time limits.
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
            remark += "; new configuration refused, the old one goes on: \(line)"
        }
        if !faults.isEmpty { remark += "; calls go wrong on purpose (\(faults.map(\.name).joined(separator: ", ")))" }
        return remark
    }

    private func giveSigns() async {
        // Three signs in the time in which one is due: one may come late.
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
            logger.error("no sign of life to the service manager", metadata: ["error": "\(Self.text(of: error))"])
        }
    }

    /// What may be said of an error; of one that is not ours the kind.
    private static func text(of error: any Error) -> String {
        switch error {
        case let error as ServerError: "\(error)"
        case let error as ServiceError: error.message
        default: "\(type(of: error))"
        }
    }
}
