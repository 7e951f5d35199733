internal import Glibc
internal import JoblineEmbedded
internal import JoblineProtocol
internal import JoblineServer

/// What the daemon is and how it is set.
struct SidecarInformation: Sendable {
    private let backend: EmbeddedBackend
    private let backends: [String: String]
    private let configuration: ConfigurationInForce
    private let faults: FaultInjector?
    let startTime = SystemClock.now()

    /// - Parameters:
    ///   - backend: Whose job families there are.
    ///   - backends: What serves each service.
    ///   - configuration: Has the limits in force.
    ///   - faults: What goes wrong on purpose.
    init(
        backend: EmbeddedBackend, backends: [String: String], configuration: ConfigurationInForce,
        faults: FaultInjector?
    ) {
        self.backend = backend
        self.backends = backends
        self.configuration = configuration
        self.faults = faults
    }

    func info() async throws -> Sidecar.GetInfoResponse {
        let limits = configuration.value.limits
        return Sidecar.GetInfoResponse(
            version: ProductVersion.current, protocolVersion: ProtocolVersion.current, startTime: startTime,
            pid: Int(getpid()),
            backends: backends, families: try await backend.familyStatus(),
            limits: limits.entries.map(Sidecar.LimitInfo.init),
            shadow: limits.shadow,
            faults: faults?.counts.map(Sidecar.FaultInfo.init) ?? [])
    }
}

extension Sidecar.LimitInfo {
    fileprivate init(_ entry: LimitConfiguration.Entry) {
        self.init(scope: "\(entry.scope)", key: entry.key, rate: entry.rate.perSecond, burst: entry.rate.burst)
    }
}

extension Sidecar.FaultInfo {
    fileprivate init(_ count: FaultInjector.Count) {
        let rule = count.rule
        self.init(
            name: rule.name, methods: rule.methods, share: rule.share, seed: rule.seed, effect: rule.effect,
            calls: count.calls, hits: count.hits)
    }
}
