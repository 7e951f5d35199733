extension Timestamp: CustomStringConvertible {
    /// Time in UTC, such as `2026-11-21T04:20:30Z`, or `2026-11-21T04:20:30.250Z` if it is not a whole second.
    public var description: String {
        let fraction = milliseconds - milliseconds.flooringDivision(1000) * 1000
        return fraction == 0 ? text : "\(text.dropLast()).\(fraction.padded(3))Z"
    }

    /// Time in UTC, truncated to seconds, such as `2026-11-21T04:20:30Z`.
    package var text: String {
        let seconds = milliseconds.flooringDivision(1000)
        let days = seconds.flooringDivision(86_400)
        let second = seconds - days * 86_400
        // Years are counted from March in eras of 400 years, so that the leap day is the last day of a year; 719,468
        // days are between 0000-03-01 and 1970-01-01.
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
