internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Keeps the service manager informed: ready, alive, stopping.
final class Supervision: Service {
    /// Proves that the daemon still works, and tells what it is doing.
    typealias Check = @Sendable () async throws -> Server.Status

    private let manager: ServiceManager
    private let logger: Logger
    private let check = Mutex<Check?>(nil)

    init(manager: ServiceManager, logger: Logger) {
        self.manager = manager
        self.logger = logger
    }

    /// To be called once connections are accepted.
    func serving() {
        manager.notify(.ready(status: "serving"))
        logger.info("serving")
    }

    /// What has to succeed before a sign of life is given.
    func watch(_ check: @escaping Check) { self.check.withLock { $0 = check } }

    /// Gives signs of life until graceful shutdown, and tells then that the daemon stops.
    ///
    /// The service manager stops watching when it hears that, so the drain has its own time limits.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.giveSigns() }
        manager.notify(.stopping(status: "draining"))
        logger.info("draining")
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
            manager.notify(.alive(status: "serving \(status.connections) connections"))
        } catch is CancellationError {
        } catch {
            logger.error("no sign of life to the service manager", metadata: ["error": "\(error)"])
        }
    }
}
