internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Options of all commands that print times.
struct TimeOptions: ParsableArguments {
    @Flag(help: "Show times in UTC instead of local time.")
    var utc = false

    var format: TimeFormat { TimeFormat(isUTC: utc) }
}

/// Format of displayed times, to the second. Options that accept a time accept this format.
struct TimeFormat: Sendable {
    /// Whether times are like `2026-11-21T04:20:30Z`; otherwise like `2026-11-21 05:20:30`, in the time zone of `TZ` or
    /// the host.
    let isUTC: Bool

    func text(_ time: Timestamp) -> String {
        guard !isUTC else { return time.text }
        var seconds = time_t(time.milliseconds / 1000)
        if time.milliseconds % 1000 < 0 { seconds -= 1 }
        var fields = tm()
        guard localtime_r(&seconds, &fields) != nil else { return time.text }
        // Formats the local time as UTC, and then removes the zone.
        let local = Timestamp(milliseconds: (Int64(seconds) + Int64(fields.tm_gmtoff)) * 1000)
        return String(local.text.dropLast()).replacing("T", with: " ")
    }
}
