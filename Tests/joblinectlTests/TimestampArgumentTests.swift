import Jobline
import Testing

@testable import joblinectl

@Suite("Time arguments")
struct TimestampArgumentTests {
    private static let now = Timestamp(milliseconds: 1_795_235_608_714)

    /// Parses a time in a zone three hours east of UTC.
    private static func read(_ text: String) throws -> Int64 {
        try Timestamp(argument: text, now: now) { $0 - 3 * 3600 }.milliseconds
    }

    @Test(
        "A time is RFC 3339 or seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00Z", Int64(0)), ("2026-11-21T04:33:28Z", 1_795_235_608_000),
            ("2026-11-21t04:33:28.714z", 1_795_235_608_714), ("2026-11-21 04:33:28.7149Z", 1_795_235_608_714),
            ("2026-11-21T04:33:28.5Z", 1_795_235_608_500), ("2026-11-21T06:03:28+01:30", 1_795_235_608_000),
            ("2026-11-20T23:33:28-05:00", 1_795_235_608_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("2026-11-21T04:33Z", 1_795_235_580_000), ("1795235608", 1_795_235_608_000),
            ("1795235608.714", 1_795_235_608_714), ("-1", -1000), ("0", 0),
        ])
    func accepted(text: String, milliseconds: Int64) throws {
        #expect(try Self.read(text) == milliseconds)
    }

    @Test(
        "Without an offset, a time is local, and a date is its first second",
        arguments: [
            ("2026-11-21 07:33:28", Int64(1_795_235_608_000)), ("2026-11-21T07:33:28.714", 1_795_235_608_714),
            ("2026-11-21 07:33", 1_795_235_580_000), ("2026-11-21", 1_795_208_400_000),
            ("1970-01-01 03:00", 0),
        ])
    func local(text: String, milliseconds: Int64) throws {
        #expect(try Self.read(text) == milliseconds)
    }

    @Test(
        "An age is subtracted from the current time",
        arguments: [
            ("1h", Int64(3_600)), ("2d", 172_800), ("30m", 1_800), ("0s", 0), ("1w", 604_800), ("1d12h", 129_600),
            ("90m", 5_400),
        ])
    func age(text: String, seconds: Int64) throws {
        #expect(try Self.read(text) == Self.now.milliseconds - seconds * 1000)
    }

    @Test("Times of this host are parsed as they are shown")
    func shown() throws {
        for milliseconds in [Int64(1_795_235_608_000), 1_782_000_000_000, 951_782_400_000] {
            let time = Timestamp(milliseconds: milliseconds)
            for isUTC in [true, false] {
                #expect(try Timestamp(argument: TimeFormat(isUTC: isUTC).text(time)) == time)
            }
        }
    }

    @Test(
        "Other text is refused",
        arguments: [
            "", "yesterday", "2026-11", "2026-11-21Z", "2026-11-21 04", "2026-11-21 4:33", "2026-13-01T00:00:00Z",
            "2026-13-01", "2026-02-30", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T04:60:00Z", "2026-11-21T04:33:28Z ", "2026-11-21T04:33:28+0130", "٢٠٢٦-11-21T04:33:28Z", "nan",
            "inf", "1e300", "1e3", "0x10", "h", "-1h", "1h ", "1y", "1H", "٢h", "1h-5m",
            // Out of range.
            "9223372036854775807s", "99999999999999999999h", "9223372036854775807w", "15250284452w",
            "9223372036854775807", "99999999999999", "9000000000000w9000000000000w", "0000-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(throws: (any Error).self) { try Self.read(text) }
    }

    @Test("A local time that does not exist is refused")
    func noZone() {
        #expect(throws: (any Error).self) { try Timestamp(argument: "2026-11-21", now: Self.now) { _ in nil } }
    }
}
