internal import Logging
internal import ServiceLifecycle

/// Service that reads the configuration again on request, and applies what can change while the daemon runs.
///
/// A reload is atomic: an invalid configuration is refused, and the current one stays in force.
final class Reloader: Service {
    /// Applies a configuration; throws before any change if it cannot.
    typealias Apply = @Sendable (DaemonConfiguration) throws -> Void

    private let source: ConfigurationSource
    private let requests: AsyncStream<Void>
    private let serving: AsyncStream<Never>
    private let current: CurrentConfiguration
    private let supervision: Supervision
    private let logger: Logger
    private let apply: Apply

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - source: Source of the configuration.
    ///   - requests: Requests to reload.
    ///   - serving: Ends when the daemon accepts connections; reloads wait for it.
    ///   - current: Current configuration, replaced by a reload.
    ///   - supervision: Informs the service manager.
    ///   - logger: Logs changes, keys that require a restart, and errors.
    ///   - apply: Applies a configuration.
    init(
        source: ConfigurationSource, requests: AsyncStream<Void>, serving: AsyncStream<Never>,
        current: CurrentConfiguration, supervision: Supervision, logger: Logger, apply: @escaping Apply
    ) {
        self.source = source
        self.requests = requests
        self.serving = serving
        self.current = current
        self.supervision = supervision
        self.logger = logger
        self.apply = apply
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in self.serving {}
            for await _ in self.requests { await self.reload() }
        }
    }

    private func reload() async {
        supervision.reloading()
        do {
            try accept(await source.read())
            supervision.reloaded(refusal: nil)
        } catch {
            logger.error("new configuration refused, the old one stays in force", metadata: ["error": "\(error)"])
            supervision.reloaded(refusal: "\(error)")
        }
    }

    private func accept(_ new: DaemonConfiguration) throws {
        let old = current.value
        guard !new.setsNothing || old.setsNothing else {
            // Otherwise an empty file would remove the access rules.
            throw DaemonError(
                .configuration,
                "\(source.path ?? "the file"): has no settings, perhaps because it is being written; "
                    + "restart the daemon if this is intended")
        }
        let next = old.reloaded(with: new)
        try apply(next)
        current.value = next
        let changes = next.changes(from: old)
        logger.notice(
            "configuration reloaded",
            metadata: ["changed": "\(changes.isEmpty ? "nothing" : changes.joined(separator: ", "))"])
        let waiting = old.keysNeedingRestart(for: new)
        guard !waiting.isEmpty else { return }
        logger.warning(
            "changed configuration keys require a restart",
            metadata: ["keys": "\(waiting.joined(separator: ", "))"])
    }
}
