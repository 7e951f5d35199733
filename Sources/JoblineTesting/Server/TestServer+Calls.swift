internal import Jobline
internal import JoblineServer
internal import Synchronization

// What clients have asked for. Counted when the outcome of a call is decided: one that is under way is not in it yet. Each retry
// of a client counts.
extension TestServer {
    /// How many calls of a method were received, whatever became of them; those that went wrong on purpose or were over a limit, too.
    ///
    /// - Parameter method: Such as `ComprehendMedical.StartRxNormInferenceJob`.
    public func calls(of method: String) -> Int { outcomes(of: method).values.reduce(0, +) }

    /// What became of the calls of a method: how many by outcome, which is `ok`, the code of an error such as `429`, or `lost` where the
    /// connection ended first.
    ///
    /// - Parameter method: Such as `ComprehendMedical.StartRxNormInferenceJob`.
    public func outcomes(of method: String) -> [String: Int] {
        methodStatistics.first { $0.method == method }?.codes ?? [:]
    }

    /// How many calls of each method were received. Greetings of clients (`rpc.hello`) are among them.
    public var calls: [String: Int] {
        Dictionary(uniqueKeysWithValues: methodStatistics.map { ($0.method, $0.codes.values.reduce(0, +)) })
    }

    /// How many connections are open.
    public var connections: Int { server?.status.connections ?? 0 }

    private var methodStatistics: [Sidecar.MethodStatistics] {
        earlier.withLock { $0 }.adding(server?.statistics.methods ?? [])
    }
}

extension [Sidecar.MethodStatistics] {
    /// The same counts and those of another server together; times are left out.
    func adding(_ others: [Sidecar.MethodStatistics]) -> [Sidecar.MethodStatistics] {
        var codes: [String: [String: Int]] = [:]
        for statistics in self + others {
            codes[statistics.method, default: [:]].merge(statistics.codes, uniquingKeysWith: +)
        }
        return codes.map { Sidecar.MethodStatistics(method: $0.key, codes: $0.value) }
    }
}
