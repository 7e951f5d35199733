internal import Jobline

/// Statistics of the daemon as text, for 80 columns with usual numbers.
///
/// Sums wrap around, so that no number from a daemon can crash the program.
struct StatisticsReport {
    private let statistics: Sidecar.GetStatisticsResponse
    private let times: TimeFormat

    init(_ statistics: Sidecar.GetStatisticsResponse, _ times: TimeFormat) {
        self.statistics = statistics
        self.times = times
    }

    /// Returns the report.
    ///
    /// - Parameter width: Maximum columns; nil for no limit.
    func text(width: Int?) -> String {
        let latencies = table("SINCE START", of: \.latency)
        let recent = table("CURRENT AND PREVIOUS MINUTE", of: \.recent)
        return [
            record, latencies?.text(width: width), recent?.text(width: width), outcomes?.text(width: width),
            families?.text(width: width),
        ]
        .compactMap { $0 }.joined(separator: "\n\n")
    }

    private var record: String {
        let (connections, requests) = (statistics.connections, statistics.requests)
        var record = Record()
        record.add("Since", times.text(statistics.startTime))
        record.add(
            "Connections",
            "\(connections.open) open, \(connections.accepted) accepted\(Self.list(connections.refused, "refused"))")
        record.add("Closed", Self.list(connections.closed))
        record.add(
            "Requests",
            "\(requests.inFlight) in flight, \(requests.working) executing, "
                + "\(requests.waiting &+ requests.pending) waiting, \(requests.received) received")
        record.add(
            "Limits",
            "\(statistics.limits.passed) passed" + Self.list(statistics.limits.refused, "refused")
                + Self.list(statistics.limits.shadowed, "over limit but passed"))
        if let watches = statistics.watches {
            record.add("Watches", "\(watches.open) open, \(watches.jobs) jobs, \(watches.notifications) notifications")
        }
        let traffic = statistics.traffic
        record.add(
            "Bytes",
            "\(traffic.unsentBytes) unsent, \(traffic.heldBytes) held, \(traffic.bytesIn) in, \(traffic.bytesOut) out")
        let store = statistics.store
        record.add(
            "Store",
            "\(store.waitingWrites) writes waiting, \(store.writes) written in \(store.commits) commits"
                + (store.failedCommits > 0 ? ", \(store.failedCommits) FAILED" : ""))
        record.add("Last commit", store.lastCommitMicroseconds.map(Self.duration))
        return record.text
    }

    /// Returns the latencies by method; nil if there are none.
    private func table(
        _ title: String, of latency: (Sidecar.MethodStatistics) -> Sidecar.LatencyStatistics?
    ) -> Table? {
        var table = Table([title, "CALLS", "P50", "P90", "P99", "P99.9", "MAX"], flexible: 0)
        var service = ""
        var isEmpty = true
        for method in statistics.methods {
            guard let latency = latency(method) else { continue }
            let (prefix, name) = Self.parts(method.method)
            // The service gets its own line, so that names fit.
            if prefix != service { table.add([prefix]) }
            (service, isEmpty) = (prefix, false)
            let times = [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map(Self.duration)
            table.add(["  " + name, "\(latency.count)"] + times)
        }
        return isEmpty ? nil : table
    }

    /// Errors by method; nil if all calls succeeded.
    private var outcomes: Table? {
        var table = Table(["FAILED", "CODE", "CALLS"], flexible: 0)
        var isEmpty = true
        for method in statistics.methods {
            for (code, count) in method.codes.sorted(by: { $0.key < $1.key }) where code != "ok" {
                table.add([method.method, code, "\(count)"])
                isEmpty = false
            }
        }
        return isEmpty ? nil : table
    }

    /// Families that have running or waiting jobs; nil if none has.
    private var families: Table? {
        let busy = (statistics.families ?? []).filter { $0.running > 0 || $0.waiting > 0 }
        if busy.isEmpty { return nil }
        var table = Table(["JOBS", "RUNNING", "WAITING"], flexible: 0)
        for family in busy {
            table.add(["\(family.service).\(family.family)", "\(family.running)", "\(family.waiting)"])
        }
        return table
    }

    /// Splits a method into service and operation.
    private static func parts(_ method: String) -> (service: String, operation: String) {
        guard let dot = method.firstIndex(of: ".") else { return ("", method) }
        return (String(method[..<dot]), String(method[method.index(after: dot)...]))
    }

    /// Returns counts by name, with an optional verb after the number.
    private static func list(_ counts: [String: Int], _ verb: String? = nil) -> String {
        let sorted = counts.sorted { $0.key < $1.key }
        guard let verb else { return sorted.map { "\($0.value) \($0.key)" }.joined(separator: ", ") }
        if counts.isEmpty { return "" }
        let total = counts.values.reduce(0, &+)
        return ", \(total) \(verb) (\(sorted.map { "\($0.value) \($0.key)" }.joined(separator: ", ")))"
    }

    /// Returns a duration with two or three digits, in the unit that fits.
    static func duration(_ microseconds: Int) -> String {
        func text(_ value: Int, _ unit: Int, _ name: String) -> String {
            let tenths = (value &* 10 &+ unit / 2) / unit
            return tenths < 100 ? "\(tenths / 10).\(tenths % 10)\(name)" : "\((value &+ unit / 2) / unit)\(name)"
        }
        if microseconds < 1000 { return "\(microseconds)us" }
        if microseconds < 999_500 { return text(microseconds, 1000, "ms") }
        return text(microseconds, 1_000_000, "s")
    }
}
