internal import Jobline

/// Progress of the awaited jobs as text: one bar for each, or a summary of many.
struct WaitProgress: Sendable {
    private let references: [JobReference]
    private let name: @Sendable (JobReference) -> String
    private var jobs: [JobReference: Job] = [:]

    /// Maximum number of bars.
    private static let maximumBars = 10

    init(_ references: [JobReference]) {
        self.references = references
        name = references.displayNames
    }

    /// Updates a job.
    mutating func note(_ job: Job) { jobs[job.reference] = job }

    /// Returns the lines to draw.
    ///
    /// - Parameters:
    ///   - size: Size of the terminal; lines do not use its last columns.
    ///   - elapsed: Duration of the wait.
    ///   - step: Number of the drawing, which moves the bars of jobs without progress.
    /// - Returns: At most as many lines as rows; none when all jobs have ended.
    func lines(in size: Terminal.Size, elapsed: Duration, step: Int) -> [String] {
        let open = references.filter { jobs[$0]?.state.isTerminal != true }
        if open.isEmpty { return [] }
        // The terminal can append ^C.
        let width = size.columns - 3
        let time = Self.clock(elapsed)
        if references.count == 1 {
            return [bar(open[0], nameWidth: nil, time: time, width: width, step: step)]
        }
        // Running jobs come first.
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
        // The name is shortened first, then the bar.
        let rest = width - state.columns - tail.columns - 6
        let nameColumns = max(8, min(nameWidth ?? name.columns, rest - 12))
        let meter = Self.meter(job, width: min(30, rest - nameColumns), step: step)
        return "\(name.fitted(to: nameColumns))  \(state)  \(meter)  \(tail)".cut(to: width).withoutTrailingSpaces
    }

    /// Returns a bar of the progress, or a moving marker if the progress is unknown.
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
        // The marker moves back and forth.
        let way = inside - 3
        let place = way - abs(step % (2 * way) - way)
        return "[" + String(repeating: " ", count: place) + "<=>" + String(repeating: " ", count: way - place) + "]"
    }

    /// Returns a duration such as `0:07`, `12:34` or `1:02:03`.
    static func clock(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let end = "\(padded(seconds % 60))"
        if seconds < 3600 { return "\(seconds / 60):\(end)" }
        return "\(seconds / 3600):\(padded(seconds / 60 % 60)):\(end)"
    }
}
