internal import Jobline

/// The jobs that are waited for, as a person sees them: a bar each while they go on, or a summary of many.
struct WaitBoard: Sendable {
    private let references: [JobReference]
    private let name: @Sendable (JobReference) -> String
    private var jobs: [JobReference: Job] = [:]

    /// Bars at most, however large the terminal is.
    private static let maximumBars = 10

    init(_ references: [JobReference]) {
        self.references = references
        name = references.naming
    }

    /// Takes a change in.
    mutating func note(_ job: Job) { jobs[job.reference] = job }

    /// What is to be seen now.
    ///
    /// - Parameters:
    ///   - size: The terminal's; no line fills it to the last columns.
    ///   - elapsed: How long the wait has taken.
    ///   - step: Counts up with each time that is drawn; moves what shows only that something goes on.
    /// - Returns: No more lines than there are rows; none once all jobs have ended.
    func lines(in size: Terminal.Size, elapsed: Duration, step: Int) -> [String] {
        let open = references.filter { jobs[$0]?.state.isTerminal != true }
        if open.isEmpty { return [] }
        // Room for the ^C that a terminal writes behind it.
        let width = size.columns - 3
        let time = Self.clock(elapsed)
        if references.count == 1 {
            return [bar(open[0], nameWidth: nil, time: time, width: width, step: step)]
        }
        // Those that run are told of first.
        let running = open.filter { jobs[$0]?.state.isUnderWay == true }
        let shown = (running + open.filter { !running.contains($0) }).prefix(
            max(0, min(Self.maximumBars, size.rows - 2)))
        let nameWidth = shown.map { Terminal.plain(name($0)).columns }.max()
        let summary =
            "\(references.count - open.count) of \(references.count) ended, \(running.count) running  \(time)"
        return [summary.cut(to: width)]
            + shown.map { bar($0, nameWidth: nameWidth, time: nil, width: width, step: step) }
    }

    private func bar(_ reference: JobReference, nameWidth: Int?, time: String?, width: Int, step: Int) -> String {
        let job = jobs[reference]
        let name = Terminal.plain(name(reference))
        let state = Terminal.plain(job?.state.rawValue ?? "").fitted(to: 8)
        let tail = [job?.progress == nil ? "    " : (job?.percentage ?? "").fitted(to: 4), time].compactMap { $0 }
            .joined(separator: "  ")
        // The name gives way first, then the bar.
        let rest = width - state.columns - tail.columns - 6
        let nameColumns = max(8, min(nameWidth ?? name.columns, rest - 12))
        let meter = Self.meter(job, width: min(30, rest - nameColumns), step: step)
        return "\(name.fitted(to: nameColumns))  \(state)  \(meter)  \(tail)".cut(to: width).withoutTrailingSpaces
    }

    /// How much is done; something that moves where that is not known.
    private static func meter(_ job: Job?, width: Int, step: Int) -> String {
        let inside = width - 2
        guard inside > 3 else { return "" }
        if let fraction = job?.fraction {
            let done = Int(Double(inside) * fraction)
            return "[" + String(repeating: "#", count: done) + String(repeating: "-", count: inside - done) + "]"
        }
        guard job?.state.isUnderWay == true else {
            return "[" + String(repeating: " ", count: inside) + "]"
        }
        // To and fro.
        let way = inside - 3
        let place = way - abs(step % (2 * way) - way)
        return "[" + String(repeating: " ", count: place) + "<=>" + String(repeating: " ", count: way - place) + "]"
    }

    /// A time such as `0:07`, `12:34` or `1:02:03`.
    static func clock(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let end = "\(padded(seconds % 60))"
        if seconds < 3600 { return "\(seconds / 60):\(end)" }
        return "\(seconds / 3600):\(padded(seconds / 60 % 60)):\(end)"
    }
}
