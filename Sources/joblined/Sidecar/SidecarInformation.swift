internal import Glibc
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// Answers `Sidecar.GetInfo`: version, start, backends and settings of the daemon.
struct SidecarInformation: Sendable {
    private let backends: Backends
    private let configuration: CurrentConfiguration
    private let faults: FaultInjector?
    let startTime = Timestamp.now

    /// - Parameters:
    ///   - backends: Backends, with their job families.
    ///   - configuration: Limits in force.
    ///   - faults: Fault injector; nil if no faults are configured.
    init(backends: Backends, configuration: CurrentConfiguration, faults: FaultInjector?) {
        self.backends = backends
        self.configuration = configuration
        self.faults = faults
    }

    func info() async throws -> Sidecar.GetInfoResponse {
        let limits = configuration.value.limits
        return Sidecar.GetInfoResponse(
            version: ProductVersion.current, protocolVersion: ProtocolVersion.current, startTime: startTime,
            pid: Int(getpid()),
            backends: backends.names, families: try await backends.familyStatus(),
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
