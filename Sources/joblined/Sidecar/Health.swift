internal import JoblineEmbedded
internal import JoblineProtocol
internal import JoblineServer

/// Looks whether the parts of the daemon work, each for a bounded time.
final class Health: Sendable {
    /// How long one answer is waited for.
    private static let patience = Duration.seconds(1)

    private let backend: EmbeddedBackend
    private let eventLoops = Probe<Sidecar.HealthCheck>(patience: patience)
    private let reading = Probe<Sidecar.HealthCheck>(patience: patience)
    private let writing = Probe<Sidecar.HealthCheck>(patience: patience)
    private let disk = Probe<Sidecar.HealthCheck>(patience: patience)
    private let executors = Probe<Sidecar.HealthCheck>(patience: patience)
    private let status = Probe<[Sidecar.FamilyInfo]?>(patience: patience)

    init(of backend: EmbeddedBackend) { self.backend = backend }

    /// What was found, in an order that stays the same.
    func checks(of server: Server) async -> [Sidecar.HealthCheck] {
        let backend = backend
        async let eventLoops = eventLoops.ask { await Self.checkEventLoops(of: server) }
        async let reading = reading.ask { await backend.checkReading() }
        async let writing = writing.ask { await backend.checkWriting() }
        async let disk = disk.ask { await backend.checkDisk() }
        async let executors = executors.ask { await backend.checkExecutors() }
        return [
            await eventLoops ?? Self.silence("event-loops"), Self.checkConnections(of: server),
            await reading ?? Self.silence("store-read"),
            await writing ?? Self.silence("store-write"), await disk ?? Self.silence("disk"),
            await executors ?? Self.silence("executors"),
        ]
    }

    /// How busy each kind of job is; nil if the store does not tell in time.
    func families() async -> [Sidecar.FamilyInfo]? {
        let backend = backend
        return await status.ask { try? await backend.familyStatus() } ?? nil
    }

    private static func checkEventLoops(of server: Server) async -> Sidecar.HealthCheck {
        do {
            try await server.ping()
            return Sidecar.HealthCheck(name: "event-loops", ok: true)
        } catch {
            return Sidecar.HealthCheck(name: "event-loops", ok: false, detail: "\(error)")
        }
    }

    private static func checkConnections(of server: Server) -> Sidecar.HealthCheck {
        let (status, configured) = (server.status, server.configuredConnections)
        if let failure = status.acceptFailure {
            return Sidecar.HealthCheck(
                name: "connections", ok: false, detail: "the last one could not be accepted: \(failure)")
        }
        let detail =
            configured > status.connectionCap
            ? "at most \(status.connectionCap), not connections.total (\(configured)): RLIMIT_NOFILE carries no more"
            : "at most \(status.connectionCap)"
        return Sidecar.HealthCheck(name: "connections", ok: true, detail: detail)
    }

    private static func silence(_ name: String) -> Sidecar.HealthCheck {
        Sidecar.HealthCheck(name: name, ok: false, detail: "no answer within a second")
    }
}
