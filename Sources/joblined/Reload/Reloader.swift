internal import Logging
internal import ServiceLifecycle

/// Reads the configuration again when it is asked to, and puts in force what can change at run time.
///
/// All of it or nothing: a configuration that is not whole and right is refused, and the one in force goes on.
final class Reloader: Service {
    /// Puts a configuration in force, or throws before anything has changed.
    typealias Apply = @Sendable (DaemonConfiguration) throws -> Void

    private let source: ConfigurationSource
    private let requests: AsyncStream<Void>
    private let serving: AsyncStream<Never>
    private let inForce: ConfigurationInForce
    private let supervision: Supervision
    private let logger: Logger
    private let apply: Apply

    /// - Parameters:
    ///   - source: Where the configuration is read from.
    ///   - requests: When to read it.
    ///   - serving: Ends when the daemon serves; nothing is read before.
    ///   - inForce: The configuration that a new one is compared with, and replaces.
    ///   - supervision: Tells the service manager.
    ///   - logger: Told what has changed, what needs a restart, and what is wrong.
    ///   - apply: Puts a configuration in force.
    init(
        source: ConfigurationSource, requests: AsyncStream<Void>, serving: AsyncStream<Never>,
        inForce: ConfigurationInForce, supervision: Supervision, logger: Logger, apply: @escaping Apply
    ) {
        self.source = source
        self.requests = requests
        self.serving = serving
        self.inForce = inForce
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
            logger.error("new configuration refused, the old one goes on", metadata: ["error": "\(error)"])
            supervision.reloaded(refusal: "\(error)")
        }
    }

    private func accept(_ new: DaemonConfiguration) throws {
        let old = inForce.value
        guard !new.setsNothing || old.setsNothing else {
            // Access rules are among what would be gone.
            throw DaemonError(
                .configuration,
                "\(source.path ?? "the file"): sets nothing any more, as a file does that is being written; "
                    + "restart the daemon if that is meant")
        }
        let next = old.reloaded(with: new)
        try apply(next)
        inForce.value = next
        let changes = next.changes(from: old)
        logger.notice(
            "configuration reloaded",
            metadata: ["changed": "\(changes.isEmpty ? "nothing" : changes.joined(separator: ", "))"])
        let waiting = old.keysNeedingRestart(for: new)
        guard !waiting.isEmpty else { return }
        logger.warning(
            "changed in the configuration, and in force only after a restart",
            metadata: ["keys": "\(waiting.joined(separator: ", "))"])
    }
}
