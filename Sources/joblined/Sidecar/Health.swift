internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// Health checks of the daemon and its backends, each with a timeout.
final class Health: Sendable {
    /// Timeout of one check.
    private static let timeout = Duration.seconds(1)

    private struct BackendProbe: Sendable {
        let check: BackendHealthCheck
        let probe = Probe<Sidecar.HealthCheck>(timeout: timeout)

        func result() async -> Sidecar.HealthCheck {
            await probe.ask(check.run) ?? timedOut(check.name)
        }
    }

    private let backends: Backends
    private let eventLoops = Probe<Sidecar.HealthCheck>(timeout: timeout)
    private let probes: [BackendProbe]
    private let status = Probe<[Sidecar.FamilyInfo]?>(timeout: timeout)

    init(of backends: Backends) {
        self.backends = backends
        probes = backends.healthChecks.map { BackendProbe(check: $0) }
    }

    /// Runs all checks concurrently.
    ///
    /// - Returns: Results in a fixed order: event loops, connections, then the backends.
    func checks(of server: Server) async -> [Sidecar.HealthCheck] {
        async let eventLoops = eventLoops.ask { await Self.checkEventLoops(of: server) }
        let backendChecks = await withTaskGroup(of: (Int, Sidecar.HealthCheck).self) { group in
            for (index, probe) in probes.enumerated() { group.addTask { (index, await probe.result()) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return [await eventLoops ?? Self.timedOut("event-loops"), Self.checkConnections(of: server)] + backendChecks
    }

    /// Returns the state of every job family; nil if a backend does not answer in time.
    func families() async -> [Sidecar.FamilyInfo]? {
        let backends = backends
        return await status.ask { try? await backends.familyStatus() } ?? nil
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

    private static func timedOut(_ name: String) -> Sidecar.HealthCheck {
        Sidecar.HealthCheck(name: name, ok: false, detail: "no answer within a second")
    }
}
