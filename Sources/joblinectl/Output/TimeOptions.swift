internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Options of the commands that print times.
struct TimeOptions: ParsableArguments {
    @Flag(help: "Show times in UTC instead of local time.")
    var utc = false

    var format: TimeFormat { TimeFormat(isUTC: utc) }
}

/// The form in which a person sees times, to the second. Options that take a time take it.
struct TimeFormat: Sendable {
    /// True for `2026-11-21T04:20:30Z`; else `2026-11-21 05:20:30`, in the zone of the environment's `TZ` or of the host.
    let isUTC: Bool

    func text(_ time: Timestamp) -> String {
        guard !isUTC else { return time.text }
        var seconds = time_t(time.milliseconds / 1000)
        if time.milliseconds % 1000 < 0 { seconds -= 1 }
        var fields = tm()
        guard localtime_r(&seconds, &fields) != nil else { return time.text }
        // A local time is its offset away from UTC; only the zone's name has to go.
        let local = Timestamp(milliseconds: (Int64(seconds) + Int64(fields.tm_gmtoff)) * 1000)
        return String(local.text.dropLast()).replacing("T", with: " ")
    }
}
