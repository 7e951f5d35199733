package import JoblineProtocol

/// Counters since the server's start and current gauges, in the shapes of the contract.
package struct ServerStatistics: Sendable, Hashable {
    package var connections: Sidecar.ConnectionStatistics
    package var requests: Sidecar.RequestStatistics
    /// Sorted by name.
    package var methods: [Sidecar.MethodStatistics]
    package var limits: Sidecar.LimitStatistics
    package var watches: Sidecar.WatchStatistics
    package var traffic: Sidecar.TrafficStatistics
}

extension ServerStatistics {
    init(_ environment: RequestPipeline.Environment, _ budget: BufferBudget, _ metrics: [RequestMetrics]) {
        let minute = environment.now.minute
        let registry = environment.registry
        var counts = RequestMetrics.Counts()
        for loop in metrics { counts.add(loop.counts, in: minute) }
        connections = Sidecar.ConnectionStatistics(registry.counts)
        requests = Sidecar.RequestStatistics(
            received: counts.received, inFlight: counts.inFlight, waiting: counts.waiting,
            pending: metrics.reduce(0) { $0 + $1.pending }, working: registry.inFlight)
        // Methods without requests are left out.
        methods = zip(Method.allCases, counts.methods).filter { !$1.outcomes.isEmpty }.map {
            Sidecar.MethodStatistics($0.rawValue, $1)
        }
        if !counts.unknown.outcomes.isEmpty {
            methods.append(Sidecar.MethodStatistics(RequestMetrics.unknownMethod, counts.unknown))
        }
        methods.sort { $0.method < $1.method }
        limits = Sidecar.LimitStatistics(environment.limiter.counts)
        watches = Sidecar.WatchStatistics(
            open: metrics.reduce(0) { $0 + $1.watches }, jobs: metrics.reduce(0) { $0 + $1.watchedJobs },
            notifications: metrics.reduce(0) { $0 + $1.notifications })
        traffic = Sidecar.TrafficStatistics(
            bytesIn: metrics.reduce(0) { $0 + $1.bytesIn }, bytesOut: metrics.reduce(0) { $0 + $1.bytesOut },
            unsentBytes: metrics.reduce(0) { $0 + $1.unsentBytes }, heldBytes: budget.total)
    }
}

extension Sidecar.ConnectionStatistics {
    fileprivate init(_ counts: ConnectionRegistry.Counts) {
        self.init(
            open: counts.open, accepted: counts.accepted, refused: counts.refused,
            closed: counts.closed.named(\.rawValue))
    }
}

extension Sidecar.MethodStatistics {
    fileprivate init(_ method: String, _ counts: RequestMetrics.MethodCounts) {
        self.init(
            method: method, codes: counts.outcomes.named(\.description),
            latency: Sidecar.LatencyStatistics(counts.latencies.all),
            recent: Sidecar.LatencyStatistics(counts.latencies.recent))
    }
}

extension Sidecar.LimitStatistics {
    fileprivate init(_ counts: RateLimiter.Counts) {
        self.init(
            passed: counts.passed, refused: counts.refused.named(\.rawValue),
            shadowed: counts.shadowed.named(\.rawValue))
    }
}

extension Dictionary where Value == Int {
    /// Counts with their keys as text.
    fileprivate func named(_ name: (Key) -> String) -> [String: Int] {
        Dictionary<String, Int>(map { (name($0.key), $0.value) }, uniquingKeysWith: +)
    }
}
