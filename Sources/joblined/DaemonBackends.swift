internal import JoblineBackend
internal import JoblineEmbedded
internal import Logging
internal import ServiceLifecycle

/// Backends of the daemon. The only file that names a concrete backend.
struct DaemonBackends: Sendable {
    /// Backends as the rest of the daemon sees them.
    let merged: Backends
    private let embedded: EmbeddedBackend

    /// - Parameter executorDescriptors: Descriptors that an executor can open; nil for as many as the daemon.
    /// - Throws: If the state directory cannot be used.
    init(
        _ configuration: DaemonConfiguration, executorDescriptors: Int?, logger: Logger
    ) throws(DaemonError) {
        do {
            var configuration = configuration.embedded
            configuration.executorDescriptors = executorDescriptors
            embedded = try EmbeddedBackend(configuration: configuration, logger: logger)
            merged = try Backends(embedded)
        } catch {
            throw DaemonError(.state, "\(error)")
        }
    }

    /// Backends as services of the daemon's lifecycle.
    var services: [any Service] { merged.all.map { BackendService(backend: $0) } }

    /// Applies a new configuration.
    func reconfigure(_ configuration: DaemonConfiguration) {
        embedded.reconfigure(executors: configuration.embedded.executors)
    }

    /// Closes all backends, after they have run.
    func close() { for backend in merged.all { backend.close() } }
}

/// Runs a backend until graceful shutdown.
private struct BackendService: Service {
    let backend: any Backend

    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await backend.run()
            } onGracefulShutdown: {
                backend.drain()
            }
        } catch let error as StateError {
            throw DaemonError(.state, "\(error)")
        }
    }
}
