internal import Glibc
internal import Jobline

extension Timestamp {
    /// The time on this host's clock.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The time in UTC to the second, such as `2026-11-21T04:20:30Z`.
    var text: String {
        let seconds = milliseconds.flooringDivision(1000)
        let days = seconds.flooringDivision(86_400)
        let second = seconds - days * 86_400
        // Counted in eras of 400 years from March on, so that the leap day comes last; 719,468 days lie between
        // 0000-03-01 and 1970-01-01.
        let shifted = days + 719_468
        let era = shifted.flooringDivision(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))T\((second / 3600).padded(2)):"
            + "\((second / 60 % 60).padded(2)):\((second % 60).padded(2))Z"
    }
}

extension Int64 {
    fileprivate func flooringDivision(_ divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }

    fileprivate func padded(_ digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
