import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("JSON writer")
struct JSONWriterTests {
    private static func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(buffer: writer.finish())
    }

    @Test(
        "Integers are written with all digits",
        arguments: [0, 7, -7, 10, 99, 100, 101, 2345, 1_000_000, .max, .min] as [Int64])
    func integers(number: Int64) {
        #expect(Self.text { $0.integer(number) } == "\(number)")
    }

    @Test(
        "Thousandths are written as a fraction without trailing zeros",
        arguments: [
            (0, "0"), (1, "0.001"), (-1, "-0.001"), (10, "0.01"), (500, "0.5"), (-1500, "-1.5"), (2000, "2"),
            (1_760_000_000_123, "1760000000.123"), (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ] as [(Int64, String)])
    func thousandths(number: Int64, text: String) {
        #expect(Self.text { $0.thousandths(number) } == text)
    }

    @Test("Numbers are separated by commas")
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

    @Test("An object written at once equals one written member by member", arguments: ["plain", "", "ü", "a\"b\\c\n"])
    func members(text: String) throws {
        let written = ByteBuffer(string: #"{"A":1,"B":[]}"#)
        var bytes = Array(text.utf8)
        // Longer than the eight bytes that the writer checks at a time.
        bytes += Array("0123456789".utf8)
        let inOnePiece = bytes.withUnsafeBytes { text in
            written.withUnsafeReadableBytes { written in
                Self.text { writer in
                    var members = JSONMembers()
                    members.add("Text", text)
                    members.add("Nothing", nil as UnsafeRawBufferPointer?)
                    members.add("Time", Timestamp(milliseconds: -1500))
                    members.add("Never", nil as Timestamp?)
                    members.add(membersOf: written)
                    writer.array { $0.object(members) }
                }
            }
        }
        let oneByOne = Self.text { writer in
            writer.array { writer in
                writer.object { writer in
                    writer.member("Text", String(decoding: bytes, as: UTF8.self))
                    writer.member("Time", Timestamp(milliseconds: -1500))
                    written.withUnsafeReadableBytes { writer.members(of: $0) }
                }
            }
        }
        #expect(inOnePiece == oneByOne)
    }

    @Test("An object written at once has its commas, whichever member is first")
    func firstMember() {
        let written = ByteBuffer(string: #"{"A":1}"#)
        let text = written.withUnsafeReadableBytes { written in
            Self.text { writer in
                var members = JSONMembers()
                writer.array { writer in
                    writer.object(members)
                    members.add(membersOf: UnsafeRawBufferPointer(rebasing: written[0..<0]))
                    members.add(membersOf: written)
                    members.add("Time", Timestamp(milliseconds: 1))
                    writer.object(members)
                }
            }
        }
        #expect(text == #"[{},{"A":1,"Time":0.001}]"#)
    }

    @Test("A byte that needs an escape is found at every offset")
    func escapes() {
        for count in 0..<40 {
            for place in 0...count {
                for (character, escaped) in [("\"", "\\\""), ("\\", "\\\\"), ("\u{1F}", "\\u001f"), ("é", "é")] {
                    let (head, tail) = (
                        String(repeating: "a", count: place), String(repeating: "b", count: count - place)
                    )
                    #expect(Self.text { $0.string(head + character + tail) } == "\"\(head)\(escaped)\(tail)\"")
                }
            }
        }
    }

    @Test("Invalid UTF-8 is replaced")
    func invalid() {
        let text = ([0x61, 0xFF, 0x62] as [UInt8]).withUnsafeBytes { bytes in
            Self.text { writer in
                var members = JSONMembers()
                members.add("Text", bytes)
                writer.object(members)
            }
        }
        #expect(text == "{\"Text\":\"a\u{FFFD}b\"}")
    }
}
