internal import ArgumentParser
internal import Jobline

extension Timestamp {
    /// A time as the command line takes it: `2026-11-21T04:20:30Z`, or seconds since 1970.
    init(argument: String) throws {
        guard let time = Timestamp(epochSeconds: argument) ?? Timestamp(rfc3339: argument) else {
            throw ValidationError("expected a time such as 2026-11-21T04:20:30Z, or seconds since 1970")
        }
        self = time
    }

    private init?(epochSeconds text: String) {
        let milliseconds = ((Double(text) ?? .nan) * 1000).rounded()
        guard let exact = Int64(exactly: milliseconds) else { return nil }
        self.init(milliseconds: exact)
    }

    /// - Parameter text: A date-time of RFC 3339, section 5.6, with any number of digits in the fraction.
    private init?(rfc3339 text: String) {
        let pattern = /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))/
            .asciiOnlyDigits()
        guard let match = text.wholeMatch(of: pattern)?.output,
            let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3), let hour = Int64(match.4),
            let minute = Int64(match.5), let second = Int64(match.6),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let offset = (Int64(match.9 ?? "0") ?? 0) * 60 + (Int64(match.10 ?? "0") ?? 0)
        // Digits behind the third are less than a millisecond.
        let milliseconds = Int64(((match.7 ?? "") + "000").prefix(3)) ?? 0
        let days = Self.days(year, month, day)
        // The date as it is written back: there is no 30th of February.
        guard Timestamp(milliseconds: days * 86_400_000).text.hasPrefix("\(match.1)-\(match.2)-\(match.3)") else {
            return nil
        }
        let minutes = days * 1440 + hour * 60 + minute - (match.8 == "-" ? -offset : offset)
        self.init(milliseconds: (minutes * 60 + second) * 1000 + milliseconds)
    }

    /// Days since 1970-01-01; the inverse of what ``text`` does.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
