/// Results of describe while one parameter grows.
struct Curve {
    /// A server that is asked, with so many of the thing.
    struct Point {
        let size: Int
        let peer: Peer
        let load: LoadPoint
    }

    /// Name of the parameter in tables and on the axis.
    let name: String
    /// Explanation of the curve's shape.
    let explanation: String
    let points: [Point]
    /// Results by point.
    private(set) var rounds: [[Measurement]]

    init(_ name: String, _ points: [Point], _ explanation: String) {
        self.name = name
        self.explanation = explanation
        self.points = points
        rounds = points.map { _ in [] }
    }

    /// Measures each point once, in any order.
    mutating func measure(seconds: Double) throws {
        for index in points.indices.shuffled() {
            let point = points[index]
            let load = try LoadGenerator(
                to: point.peer.server.socket, point.peer.requests, connections: point.load.connections,
                depth: point.load.depth)
            // Warm-up: connections are accepted, and buffers grow.
            _ = try load.run(seconds: seconds / 3)
            rounds[index].append(try Measurement(load, of: point.peer.server, seconds: seconds))
        }
    }

    /// Results in the order of the server's points.
    private func medians(of kind: Peer.Kind) -> [(point: Point, median: Measurement)] {
        zip(points, rounds).filter { $0.0.peer.kind == kind }.map { ($0, Measurement.median($1)) }
    }

    var table: String {
        let floor = Dictionary(medians(of: .floor).map { ($0.point.size, $0.median) }) { first, _ in first }
        var table = Table(name, "a second", "p50", "p99", "server CPU a request", "rate to the floor's")
        for (point, median) in medians(of: .jobline) {
            table.add(
                Show.count(point.size), Show.count(Int(median.rate)), Show.microseconds(UInt64(median.p50)),
                Show.microseconds(UInt64(median.p99)), "\(Show.decimal(median.processor)) µs",
                floor[point.size].map { Show.ratio(median.rate, $0.rate) } ?? "–")
        }
        return table.text
    }

    var plot: Plot {
        let lines = [("joblined", Peer.Kind.jobline), ("SwiftNIO, canned", .floor)].map { name, kind in
            Plot.Line(
                name: name, points: medians(of: kind).map { (x: Double($0.point.size), y: $0.median.rate) })
        }
        return Plot(
            title: "describe by \(name)", xLabel: name, yLabel: "requests a second",
            lines: lines.filter { !$0.points.isEmpty })
    }
}
