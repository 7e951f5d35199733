internal import Logging

/// Bounds how often one place in the program is heard: so many lines in a while, and then one that says how many more there were.
///
/// Below info nothing is left out: who asks for every request gets every request.
struct LogFlood {
    /// A place in the program.
    struct Site: Hashable, Sendable {
        var file: String
        var line: UInt
    }

    /// What becomes of an entry.
    enum Verdict: Hashable {
        case write
        case leaveOut
        /// Leave it out, and ask for the summary of its place after ``LogFlood/window``.
        case leaveOutAndSummarise(Site)
    }

    /// Entries of one place in one ``window``.
    static let burst = 10
    static let window = Duration.seconds(60)

    private struct Tally {
        var began: ContinuousClock.Instant
        var written = 0
        /// The last entry that was left out, and how many there were.
        var leftOut: (entry: LogEntry, count: Int)?
    }

    /// As many as there are places in the program.
    private var tallies: [Site: Tally] = [:]

    mutating func judge(_ entry: LogEntry, at now: ContinuousClock.Instant) -> Verdict {
        guard entry.level >= .info else { return .write }
        let site = Site(file: entry.file, line: entry.line)
        var tally = tallies[site] ?? Tally(began: now)
        if tally.leftOut == nil, now - tally.began >= Self.window { tally = Tally(began: now) }
        defer { tallies[site] = tally }
        guard tally.written >= Self.burst else {
            tally.written += 1
            return .write
        }
        let count = tally.leftOut?.count ?? 0
        tally.leftOut = (entry, count + 1)
        return count == 0 ? .leaveOutAndSummarise(site) : .leaveOut
    }

    /// Says what was left out at a place, and begins anew there.
    mutating func summary(of site: Site) -> LogEntry? {
        guard let leftOut = tallies.removeValue(forKey: site)?.leftOut else { return nil }
        var entry = leftOut.entry
        // What it says of itself is true of one of them only.
        entry.fields = [.init(key: "left-out", value: "\(leftOut.count)")]
        return entry
    }

    /// All summaries that are due; for the end of the process.
    mutating func summaries() -> [LogEntry] { tallies.keys.compactMap { summary(of: $0) } }
}
