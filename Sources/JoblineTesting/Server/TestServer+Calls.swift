internal import Jobline
internal import JoblineServer
internal import Synchronization

// A call is counted once its outcome is decided; calls in flight are not included. Each attempt of a client counts.
extension TestServer {
    /// Returns the number of calls of a method, including throttled calls and those with an injected fault.
    ///
    /// - Parameter method: Method, such as `ComprehendMedical.StartRxNormInferenceJob`.
    public func calls(of method: String) -> Int { outcomes(of: method).values.reduce(0, +) }

    /// Returns the number of calls of a method by outcome.
    ///
    /// An outcome is `ok`, an error code such as `429`, or `lost` if the connection ended before the reply.
    ///
    /// - Parameter method: Method, such as `ComprehendMedical.StartRxNormInferenceJob`.
    public func outcomes(of method: String) -> [String: Int] {
        methodStatistics.first { $0.method == method }?.codes ?? [:]
    }

    /// Number of calls by method, including the handshake of each connection (`rpc.hello`).
    public var calls: [String: Int] {
        Dictionary(uniqueKeysWithValues: methodStatistics.map { ($0.method, $0.codes.values.reduce(0, +)) })
    }

    /// Number of open connections.
    public var connections: Int { server?.status.connections ?? 0 }

    private var methodStatistics: [Sidecar.MethodStatistics] {
        earlier.withLock { $0 }.adding(server?.statistics.methods ?? [])
    }
}

extension [Sidecar.MethodStatistics] {
    /// Returns the sum of these counts and those of another server, without latencies.
    func adding(_ others: [Sidecar.MethodStatistics]) -> [Sidecar.MethodStatistics] {
        var codes: [String: [String: Int]] = [:]
        for statistics in self + others {
            codes[statistics.method, default: [:]].merge(statistics.codes, uniquingKeysWith: +)
        }
        return codes.map { Sidecar.MethodStatistics(method: $0.key, codes: $0.value) }
    }
}
