internal import Logging

/// Rate limit for the entries of each source location: after a burst, entries are suppressed and counted in a summary.
///
/// Does not apply below level info: debug logging includes every request.
struct LogRateLimiter {
    /// Source location.
    struct Site: Hashable, Sendable {
        var file: String
        var line: UInt
    }

    /// Decision about an entry.
    enum Decision: Hashable {
        case write
        case suppress
        /// Suppress the entry, and request the location's summary after ``LogRateLimiter/window``.
        case suppressAndSummarise(Site)
    }

    /// Maximum entries of a location in one ``window``.
    static let burst = 10
    static let window = Duration.seconds(60)

    private struct SiteState {
        var began: ContinuousClock.Instant
        var written = 0
        /// Last suppressed entry, and the number of suppressed entries.
        var suppressed: (entry: LogEntry, count: Int)?
    }

    /// State of each source location, of which there are few.
    private var states: [Site: SiteState] = [:]

    mutating func decide(on entry: LogEntry, at now: ContinuousClock.Instant) -> Decision {
        guard entry.level >= .info else { return .write }
        let site = Site(file: entry.file, line: entry.line)
        var state = states[site] ?? SiteState(began: now)
        if state.suppressed == nil, now - state.began >= Self.window { state = SiteState(began: now) }
        defer { states[site] = state }
        guard state.written >= Self.burst else {
            state.written += 1
            return .write
        }
        let count = state.suppressed?.count ?? 0
        state.suppressed = (entry, count + 1)
        return count == 0 ? .suppressAndSummarise(site) : .suppress
    }

    /// Returns the summary of a location and resets its count.
    mutating func summary(of site: Site) -> LogEntry? {
        guard let suppressed = states.removeValue(forKey: site)?.suppressed else { return nil }
        var entry = suppressed.entry
        // The metadata only applies to one of the entries.
        entry.fields = [.init(key: "left-out", value: "\(suppressed.count)")]
        return entry
    }

    /// Returns all pending summaries, at the end of the process.
    mutating func summaries() -> [LogEntry] { states.keys.compactMap { summary(of: $0) } }
}
