import Jobline
import Testing

@testable import joblinectl

@Suite("Times on the command line")
struct TimestampArgumentTests {
    @Test(
        "are RFC 3339 or seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00Z", Int64(0)), ("2026-11-21T04:33:28Z", 1_795_235_608_000),
            ("2026-11-21t04:33:28.714z", 1_795_235_608_714), ("2026-11-21 04:33:28.7149Z", 1_795_235_608_714),
            ("2026-11-21T04:33:28.5Z", 1_795_235_608_500), ("2026-11-21T06:03:28+01:30", 1_795_235_608_000),
            ("2026-11-20T23:33:28-05:00", 1_795_235_608_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("1795235608", 1_795_235_608_000), ("1795235608.714", 1_795_235_608_714), ("-1", -1000), ("0", 0),
        ])
    func accepted(text: String, milliseconds: Int64) throws {
        #expect(try Timestamp(argument: text).milliseconds == milliseconds)
    }

    @Test(
        "and nothing else",
        arguments: [
            "", "yesterday", "2026-11-21", "2026-11-21T04:33:28", "2026-11-21T04:33Z", "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T04:60:00Z",
            "2026-11-21T04:33:28Z ", "2026-11-21T04:33:28+0130", "٢٠٢٦-11-21T04:33:28Z", "nan", "inf", "1e300",
        ])
    func refused(text: String) {
        #expect(throws: (any Error).self) { try Timestamp(argument: text) }
    }
}
