import Foundation
import Jobline
import Testing

@Suite("Times outside of the wire")
struct TimestampTests {
    @Test("Timestamps are seconds with a fraction in Swift's coders")
    func coding() throws {
        let time = Timestamp(milliseconds: 1_718_000_000_250)
        let json = try JSONEncoder().encode([time])
        #expect(String(decoding: json, as: UTF8.self) == "[1718000000.25]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: json) == [time])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Timestamp].self, from: Data("[1e300]".utf8)) }
    }

    @Test("Timestamps convert to dates and back unchanged")
    func dates() {
        // 2026-11-21T04:20:30.250Z, by date(1).
        let time = Timestamp(milliseconds: 1_795_234_830_250)
        #expect(Date(time) == Date(timeIntervalSince1970: 1_795_234_830.25))
        let (first, last) = (Int64(-62_135_596_800_000), Int64(253_402_300_799_999))
        for milliseconds in stride(from: first, through: last, by: 987_654_321_007) {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(Date(time)) == time)
        }
        #expect(Timestamp(Date(timeIntervalSince1970: 1.0009)) == Timestamp(milliseconds: 1001))
    }

    @Test(
        "Numbers out of range become the nearest timestamp",
        arguments: [
            (Double.infinity, "9999-12-31T23:59:59.999Z"), (1e300, "9999-12-31T23:59:59.999Z"),
            (-Double.infinity, "0001-01-01T00:00:00Z"), (Double.nan, "0001-01-01T00:00:00Z"),
        ])
    func bounds(seconds: Double, text: String) {
        #expect(Timestamp(secondsSinceEpoch: seconds).description == text)
    }

    @Test("Distant past and future convert without overflow")
    func distantDates() {
        #expect(Timestamp(.distantPast).description == "0001-01-01T00:00:00Z")
        #expect(Timestamp(.distantFuture) > Timestamp(Date(timeIntervalSince1970: 4_000_000_000)))
    }
}
