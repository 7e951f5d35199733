import JoblineProtocol
import Testing

@Suite("Text of timestamps") struct TimestampTextTests {
    @Test(
        "Text follows RFC 3339, with a fraction only if needed",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_795_234_830_000, "2026-11-21T04:20:30Z"),
            (1_795_234_830_250, "2026-11-21T04:20:30.250Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00Z"),
        ])
    func text(milliseconds: Int64, text: String) {
        #expect("\(Timestamp(milliseconds: milliseconds))" == text)
    }
}
