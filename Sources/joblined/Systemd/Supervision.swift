internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Keeps the service manager informed: ready, alive, stopping.
final class Supervision: Service {
    /// Proves that the daemon still works, and tells what it is doing.
    typealias Check = @Sendable () async throws -> Server.Status

    private let manager: ServiceManager
    private let faults: [FaultRule]
    private let logger: Logger
    private let check = Mutex<Check?>(nil)

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
    func serving() {
        for rule in faults {
            logger.warning(
                "calls go wrong on purpose",
                metadata: [
                    "rule": "faults.\(rule.name)", "methods": "\(rule.methods)", "share": "\(rule.share)",
                    "effect": "\(rule.effect)",
                ])
        }
        manager.notify(.ready(status: "serving\(remark)"))
        logger.notice("serving")
    }

    /// What has to succeed before a sign of life is given.
    func watch(_ check: @escaping Check) { self.check.withLock { $0 = check } }

    /// Gives signs of life until graceful shutdown, and tells then that the daemon stops.
    ///
    /// The service manager stops watching when it hears that, so the drain has its own time limits.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.giveSigns() }
        manager.notify(.stopping(status: "draining"))
        logger.notice("draining")
    }

    private var remark: String {
        faults.isEmpty ? "" : "; calls go wrong on purpose (\(faults.map(\.name).joined(separator: ", ")))"
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
            guard let status = try await check.withLock({ $0 })?() else { return }
            manager.notify(.alive(status: "serving \(status.connections) connections\(remark)"))
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
