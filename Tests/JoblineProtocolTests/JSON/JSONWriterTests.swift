import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("What is written as JSON")
struct JSONWriterTests {
    private static func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(buffer: writer.finish())
    }

    @Test(
        "whole numbers have all their digits",
        arguments: [0, 7, -7, 10, 1_000_000, .max, .min] as [Int64])
    func integers(number: Int64) {
        #expect(Self.text { $0.integer(number) } == "\(number)")
    }

    @Test(
        "thousandths are behind a point, without zeros at the end",
        arguments: [
            (0, "0"), (1, "0.001"), (-1, "-0.001"), (10, "0.01"), (500, "0.5"), (-1500, "-1.5"), (2000, "2"),
            (1_760_000_000_123, "1760000000.123"), (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ] as [(Int64, String)])
    func thousandths(number: Int64, text: String) {
        #expect(Self.text { $0.thousandths(number) } == text)
    }

    @Test("numbers stand behind one another with commas between")
    func commas() {
        let text = Self.text { writer in
            writer.array { writer in
                writer.integer(1)
                writer.thousandths(2500)
                writer.integer(-3)
            }
        }
        #expect(text == "[1,2.5,-3]")
    }
}
