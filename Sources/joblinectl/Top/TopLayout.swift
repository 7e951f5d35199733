internal import Jobline

/// Layout of a snapshot in lines that fit the terminal.
struct TopLayout: Sendable {
    let size: Terminal.Size
    /// Whether states are coloured.
    let colors: Bool
    let times: TimeFormat

    /// Maximum number of methods shown.
    private static let maximumMethods = 3

    /// Returns the lines, within the rows and columns of the terminal.
    func lines(_ snapshot: TopSnapshot) -> [String] {
        var lines = [title(snapshot)]
        if let problem = snapshot.problem {
            lines.append(paint(Terminal.plain(problem).cut(to: size.columns), .failed))
        }
        if let statistics = snapshot.statistics {
            lines += overview(snapshot, statistics)
            lines += jobs(snapshot, rows: size.rows - lines.count)
        }
        return Array(lines.prefix(size.rows))
    }

    /// Returns the summary of the daemon, shorter on a small terminal.
    private func overview(_ snapshot: TopSnapshot, _ statistics: Sidecar.GetStatisticsResponse) -> [String] {
        if size.rows < 8 { return [] }
        let isSmall = size.rows < 16
        return wrapped(facts(statistics, snapshot.requestRate)).prefix(isSmall ? 1 : 3)
            + (isSmall ? [] : methods(statistics)) + families(snapshot, statistics).prefix(isSmall ? 1 : 6) + [""]
    }

    private func title(_ snapshot: TopSnapshot) -> String {
        var left = "joblined"
        if let info = snapshot.info { left += " \(info.version), process \(info.pid)" }
        if let start = snapshot.statistics?.startTime, snapshot.problem == nil {
            left += ", up \(Self.span(snapshot.time.milliseconds - start.milliseconds))"
        }
        left = Terminal.plain(left)
        let right = times.text(snapshot.time)
        let gap = size.columns - left.columns - right.columns
        return gap < 2 ? left.cut(to: size.columns) : left + String(repeating: " ", count: gap) + right
    }

    private func facts(_ statistics: Sidecar.GetStatisticsResponse, _ rate: Double?) -> [String] {
        let speed = rate.map { "\(Self.decimal($0)) a second, " } ?? ""
        return [
            "Requests \(speed)\(statistics.requests.inFlight) in flight", "Connections \(statistics.connections.open)",
        ] + (statistics.watches.map { ["Watches \($0.open) of \($0.jobs) jobs"] } ?? [])
    }

    /// Returns the running and waiting jobs of each family with an executor, busiest families first.
    private func families(_ snapshot: TopSnapshot, _ statistics: Sidecar.GetStatisticsResponse) -> [String] {
        // Statistics have no families if the store did not reply in time.
        let families = (statistics.families ?? snapshot.info?.families ?? []).filter(\.configured)
        if families.isEmpty { return [] }
        let busy = families.filter { $0.running > 0 || $0.waiting > 0 }
        let idle = families.filter { $0.running <= 0 && $0.waiting <= 0 }
        return wrapped(
            (busy + idle).map { "\($0.family) \($0.running)/\($0.waiting)" }, after: "Running/waiting  ")
    }

    /// Returns the latencies of the most frequent methods in the current and previous minute, without watches, whose
    /// duration depends on the caller.
    private func methods(_ statistics: Sidecar.GetStatisticsResponse) -> [String] {
        let busy = statistics.methods.compactMap { method in method.recent.map { (method.method, $0) } }
            .filter { $0.0 != "Sidecar.WatchJobs" }
            .sorted { $0.1.count > $1.1.count }.prefix(Self.maximumMethods)
        guard !busy.isEmpty else { return [] }
        var table = Table(["BUSIEST METHODS", "CALLS", "P50", "P99"], flexible: 0)
        for (name, latency) in busy {
            table.add(
                [name, "\(latency.count)"] + [latency.p50, latency.p99].map(StatisticsReport.duration))
        }
        return table.text(width: size.columns).split(separator: "\n").map { String($0).cut(to: size.columns) }
    }

    private func jobs(_ snapshot: TopSnapshot, rows: Int) -> [String] {
        guard rows > 1 else { return [] }
        let jobs = snapshot.orderedJobs.prefix(rows - 1)
        guard !jobs.isEmpty else { return ["No jobs."] }
        let hasFamily = size.columns >= 60
        let named = size.columns >= 100
        func cells(_ state: String, _ done: String, _ age: String, _ family: String, _ job: String, _ name: String)
            -> (state: String, rest: String)
        {
            var rest = "  \(done.fitted(to: 4))  \(age.fitted(to: 5))  "
            if hasFamily { rest += family.fitted(to: 19) + "  " }
            let room = max(0, size.columns - 9 - rest.columns)
            if named {
                // Ids have 32 characters; with a workflow they are longer.
                let width = min(room * 2 / 3, max(32, room - 40))
                rest += job.fitted(to: width) + "  " + name.cut(to: room - width - 2)
            } else {
                rest += job.cut(to: room)
            }
            return (state.fitted(to: min(9, size.columns)), rest.withoutTrailingSpaces)
        }
        let head = cells("STATE", "DONE", "AGE", "FAMILY", "JOB", "NAME")
        return [(head.state + head.rest).cut(to: size.columns)]
            + jobs.map { job in
                let age = job.submitted.map { Self.age(snapshot.time.milliseconds - $0.milliseconds) } ?? "-"
                let line = cells(
                    Terminal.plain(job.state.rawValue), job.percentage, age, Terminal.plain(job.family.rawValue),
                    Terminal.plain(job.reference.shortName), Terminal.plain(job.name ?? ""))
                return paint(line.state, job.state) + line.rest.cut(to: max(0, size.columns - 9))
            }
    }

    /// Returns the facts on as many lines as needed.
    private func wrapped(_ facts: [String], after label: String = "") -> [String] {
        var lines: [String] = []
        var line = label
        for fact in facts.map(Terminal.plain) {
            let isFirst = line == label || line.allSatisfy { $0 == " " }
            if !isFirst, line.columns + 3 + fact.columns > size.columns {
                lines.append(line)
                line = String(repeating: " ", count: min(label.columns, size.columns / 4)) + fact
            } else {
                line += (isFirst ? "" : "   ") + fact
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { $0.cut(to: size.columns) }
    }

    private func paint(_ text: String, _ state: JobState) -> String {
        let code: Int
        switch state {
        case .running: code = 36
        case .succeeded: code = 32
        case .failed: code = 31
        case .partial, .stopping: code = 33
        case .stopped, .gone: code = 2
        default: return text
        }
        return colors ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Returns the number with one decimal if below 10.
    private static func decimal(_ value: Double) -> String {
        let tenths = Int(min(max(value * 10, 0), 1e15).rounded())
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
    }

    /// Returns an age in at most five characters: `59s`, `59m`, `47h`, `999d`.
    static func age(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    private static func span(_ milliseconds: Int64) -> String {
        let days = milliseconds / 86_400_000
        return (days > 0 ? "\(days)d " : "")
            + WaitProgress.clock(.milliseconds(milliseconds - days * 86_400_000))
    }
}
