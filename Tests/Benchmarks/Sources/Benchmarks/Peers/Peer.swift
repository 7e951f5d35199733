/// A server that has jobs, and how to ask it for one.
struct Peer: Sendable {
    enum Kind: String, CaseIterable {
        case epoll = "C, epoll, canned frame"
        case floor = "SwiftNIO, canned frame, no JSON"
        case redis = "Redis GET, same size"
        case jobline = "joblined, describe"
        case http = "Hummingbird, JSON over HTTP"
        case grpc = "grpc-swift-2, unary, ready bytes"
    }

    let kind: Kind
    let server: ServerProcess
    /// One for each job.
    let requests: LoadRequests

    /// Asks once for each job, or for as many as a cache may hold.
    func warmUp() throws {
        try LoadGenerator(to: server.socket, requests, connections: 1, depth: 32)
            .warmUp(min(requests.ranges.count, 20_000))
    }
}

/// A load, as connections and how many requests are in flight on each.
struct LoadPoint: Hashable, Sendable, CustomStringConvertible {
    let connections: Int
    let depth: Int

    var description: String { "\(connections) × \(depth)" }
}

/// Result of one round, or the medians of several.
struct Measurement: Sendable {
    /// Replies a second.
    var rate = 0.0
    /// Duration in nanoseconds.
    var p50 = 0.0
    var p99 = 0.0
    /// Microseconds that the server had a processor for each request.
    var processor = 0.0
    /// The share of the time in which the load generator had a processor: near 1 it is the limit, and not the server.
    var generator = 0.0

    init() {}

    /// Runs a load in a closed loop, and takes what it cost the server.
    init(_ load: LoadGenerator, of server: ServerProcess, seconds: Double) throws {
        let before = server.processorTime
        let result = try load.run(seconds: seconds)
        guard result.errors == 0 else { throw BenchmarkError("\(server.socket) answered with \(result.errors) errors") }
        self.init(result, server.processorTime - before)
    }

    init(_ result: LoadResult, _ serverTime: Duration) {
        rate = result.rate
        p50 = Double(result.latencies.p50)
        p99 = Double(result.latencies.p99)
        generator = result.processorSeconds / result.seconds
        processor = serverTime / .microseconds(1) / Double(max(result.replies, 1))
    }

    /// Each number's own median.
    static func median(_ rounds: [Measurement]) -> Measurement {
        var median = Measurement()
        for number in [\Measurement.rate, \.p50, \.p99, \.processor, \.generator] {
            if let value = rounds.map({ $0[keyPath: number] }).median { median[keyPath: number] = value }
        }
        return median
    }
}
