/// Results of each server at each load.
struct DescribeResults {
    private var rounds: [Peer.Kind: [LoadPoint: [Measurement]]] = [:]

    mutating func add(_ measurement: Measurement, of peer: Peer.Kind, at point: LoadPoint) {
        rounds[peer, default: [:]][point, default: []].append(measurement)
    }

    /// - Returns: The medians; nil if there is no such server on this machine.
    func median(of peer: Peer.Kind, at point: LoadPoint) -> Measurement? {
        rounds[peer]?[point].map(Measurement.median)
    }

    /// Requests a second, latencies and what they cost the server.
    var table: String {
        let points = DescribeCommand.points
        var table = Table(["server"] + points.map(\.description) + ["server CPU a request, µs"])
        for peer in Peer.Kind.allCases {
            let medians = points.map { median(of: peer, at: $0) }
            let rates = medians.map { median in median.map(Self.rate) ?? "not on this machine" }
            let processor = medians.map { $0.map { Show.decimal($0.processor) } ?? "–" }.joined(separator: " / ")
            table.add([peer.rawValue] + rates + [processor])
        }
        return table.text
    }

    private static func rate(_ median: Measurement) -> String {
        let latencies = [median.p50, median.p99].map { Show.count(Int(($0 / 1000).rounded())) }
        return "\(Show.count(Int(median.rate))) (\(latencies.joined(separator: " / ")) µs)"
    }

    /// The servers and loads at which the load generator has its processor all but all of the time.
    var limits: String {
        let limited = Peer.Kind.allCases.flatMap { peer in
            DescribeCommand.points.filter { (median(of: peer, at: $0)?.generator ?? 0) > 0.9 }
                .map { "\(peer.rawValue) at \($0)" }
        }
        return limited.isEmpty
            ? "The load generator is never the limit: its processor is busy for less than 90 % of the time."
            : "The load generator is the limit, or near it, for \(limited.joined(separator: "; "))."
    }

    /// Goals of describe relative to the other servers.
    var goals: String {
        let alone = LoadPoint(connections: 1, depth: 1)
        let pipelined = LoadPoint(connections: 1, depth: 32)
        let many = LoadPoint(connections: 50, depth: 1)
        let both = LoadPoint(connections: 50, depth: 8)
        var goals = Goals()
        for (point, floor, redis) in [(many, 0.85, 0.85), (pipelined, 0.5, 0.8), (both, 0.5, 0.8)] {
            goals.add("\(point): rate to the floor's", ratio(\.rate, at: point, to: .floor), atLeast: floor)
            goals.add("\(point): rate to that of Redis", ratio(\.rate, at: point, to: .redis), atLeast: redis)
        }
        goals.add("\(alone): p50 to the floor's", ratio(\.p50, at: alone, to: .floor), atMost: 1.15)
        for point in [pipelined, many, both] {
            goals.add("\(point): rate to that of Hummingbird", ratio(\.rate, at: point, to: .http), atLeast: 6)
            goals.add("\(point): rate to that of grpc-swift-2", ratio(\.rate, at: point, to: .grpc), atLeast: 12)
        }
        for point in [alone, pipelined, many, both] {
            let more = median(of: .jobline, at: point).flatMap { mine in
                median(of: .floor, at: point).map { mine.processor - $0.processor }
            }
            goals.add("\(point): server CPU a request beyond the floor's, µs", more, atMost: 1)
        }
        return goals.text
    }

    private func ratio(_ number: KeyPath<Measurement, Double>, at point: LoadPoint, to other: Peer.Kind) -> Double? {
        guard let mine = median(of: .jobline, at: point), let theirs = median(of: other, at: point) else { return nil }
        return mine[keyPath: number] / theirs[keyPath: number]
    }
}
