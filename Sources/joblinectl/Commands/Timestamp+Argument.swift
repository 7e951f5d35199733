internal import ArgumentParser
internal import Glibc
internal import Jobline

extension Timestamp {
    /// Parses a time on the command line: `2h` ago, date and time, or seconds since 1970.
    ///
    /// - Parameters:
    ///   - argument: Text of the argument.
    ///   - now: Current time, from which `2h` is subtracted.
    ///   - zone: Converts a local time, given as if it were UTC, to seconds since 1970; returns nil if it does not
    ///     exist.
    init(argument: String, now: Timestamp, zone: (Int64) -> Int64?) throws {
        guard
            let time = Timestamp(age: argument, now) ?? Timestamp(epochSeconds: argument)
                ?? Timestamp(date: argument, zone), Self.range.contains(time.milliseconds)
        else {
            throw ValidationError(
                "expected a time such as 1h (an hour ago), 2d, 2026-11-21, \"2026-11-21 04:20\", 2026-11-21T04:20:30Z, "
                    + "or seconds since 1970")
        }
        self = time
    }

    /// Parses a time on the command line, in the local time zone.
    init(argument: String) throws { try self.init(argument: argument, now: .now, zone: Self.seconds(local:)) }

    /// Parses an age such as `30m` or `1d12h`, in weeks, days, hours, minutes and seconds.
    private init?(age text: String, _ now: Timestamp) {
        guard text.wholeMatch(of: /(?:[0-9]+[wdhms])+/) != nil else { return nil }
        var time = now.milliseconds
        for part in text.matches(of: /([0-9]+)([wdhms])/) {
            let units: [Substring: Int64] = ["w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1]
            guard let count = Int64(part.1), let unit = units[part.2] else { return nil }
            let (age, isTooLong) = count.multipliedReportingOverflow(by: unit * 1000)
            let (earlier, isTooEarly) = time.subtractingReportingOverflow(age)
            if isTooLong || isTooEarly { return nil }
            time = earlier
        }
        self.init(milliseconds: time)
    }

    private init?(epochSeconds text: String) {
        guard text.wholeMatch(of: /-?[0-9]+(?:\.[0-9]+)?/) != nil else { return nil }
        let milliseconds = ((Double(text) ?? .nan) * 1000).rounded()
        guard let exact = Int64(exactly: milliseconds) else { return nil }
        self.init(milliseconds: exact)
    }

    /// Parses a date, or date and time, with an offset from UTC as in RFC 3339, section 5.6, or in local time.
    ///
    /// - Parameters:
    ///   - text: Seconds are optional; their fraction can have any number of digits.
    ///   - zone: Converts a local time to seconds since 1970.
    private init?(date text: String, _ zone: (Int64) -> Int64?) {
        let pattern =
            /(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|([+-])(\d\d):(\d\d))?)?/
            .asciiOnlyDigits()
        guard let match = text.wholeMatch(of: pattern)?.output,
            let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3),
            let hour = Int64(match.4 ?? "0"), let minute = Int64(match.5 ?? "0"), let second = Int64(match.6 ?? "0"),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let offset = (Int64(match.10 ?? "0") ?? 0) * 60 + (Int64(match.11 ?? "0") ?? 0)
        // Digits after the third are less than a millisecond.
        let milliseconds = Int64(((match.7 ?? "") + "000").prefix(3)) ?? 0
        let days = Self.days(year, month, day)
        // Converted back for comparison, to refuse dates such as the 30th of February.
        guard Timestamp(milliseconds: days * 86_400_000).text.hasPrefix("\(match.1)-\(match.2)-\(match.3)") else {
            return nil
        }
        let minutes = days * 1440 + hour * 60 + minute - (match.9 == "-" ? -offset : offset)
        var seconds = minutes * 60 + second
        if match.8 == nil {
            guard let local = zone(seconds) else { return nil }
            seconds = local
        }
        self.init(milliseconds: seconds * 1000 + milliseconds)
    }

    /// Converts a local time, given as if it were UTC, to seconds since 1970.
    private static func seconds(local: Int64) -> Int64? {
        var seconds = time_t(local)
        var fields = tm()
        guard gmtime_r(&seconds, &fields) != nil else { return nil }
        // -1 lets the C library decide whether daylight saving time applies.
        fields.tm_isdst = -1
        errno = 0
        let found = mktime(&fields)
        return found == -1 && errno != 0 ? nil : Int64(found)
    }

    /// Returns the days since 1970-01-01; the inverse of ``text``.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
