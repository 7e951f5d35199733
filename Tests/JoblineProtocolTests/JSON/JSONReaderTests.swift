import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("JSON reader")
struct JSONReaderTests {
    /// Returns the text without white space; nil if the reader refuses it.
    static func document(_ text: String) -> String? { JSONDocument(text)?.string }
    static func document(_ bytes: [UInt8]) -> String? { (try? JSONDocument(json: ByteBuffer(bytes: bytes)))?.string }

    @Test(
        "Valid JSON is accepted",
        arguments: [
            ("{}", "{}"), (" [ 1 , -0 , 2.5e+3 ] ", "[1,-0,2.5e+3]"), ("\"\"", "\"\""), ("true", "true"),
            ("{\"a\":{\"b\":[null,false]}}", "{\"a\":{\"b\":[null,false]}}"), ("\"\\u00e9\\ud83d\\ude00\"", "\"é😀\""),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""), ("\"\\u0000\"", "\"\\u0000\""),
            ("1E300", "1E300"), ("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\""),
        ])
    func accepts(text: String, compact: String) {
        #expect(Self.document(text) == compact)
    }

    @Test(
        "Invalid JSON is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "nul",
            "nulll", "True",
            "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "\"", "\"\\x\"", "\"\\u12\"",
            "\"\\u12g4\"", "\"\n\"",
            "\"\t\"", "{} {}", "1 2", "[1]]", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"",
            "// c\n1",
        ])
    func refuses(text: String) {
        #expect(Self.document(text) == nil)
    }

    @Test(
        "Strings with invalid UTF-8 are refused",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(Self.document([0x22] + bytes + [0x22]) == nil)
        #expect(Self.document([0x22, 0x5C, 0x6E] + bytes + [0x22]) == nil)
    }

    @Test("64 levels are accepted, 65 are refused", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(open: String, close: String) {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        #expect(Self.document(nested(64)) == nested(64))
        #expect(Self.document(nested(65)) == nil)
        #expect(Self.document(String(repeating: "[", count: 1_000_000)) == nil)
    }

    @Test("An error names the member of the wrong type")
    func path() {
        struct Rules: JSONDecodable {
            init(from reader: inout JSONReader) throws(JSONError) {
                var names: [String]?
                try reader.object { (reader, key) throws(JSONError) in
                    switch key {
                    case "names": names = try reader.value()
                    default: try reader.skip()
                    }
                }
                _ = try reader.required(names, "names")
            }
        }
        func failure(_ text: String) -> String? {
            let error = #expect(throws: JSONError.self) { try [[Rules]](json: ByteBuffer(string: text)) }
            return error.map { $0.pathDescription + ": " + $0.message }
        }
        #expect(
            failure("[[{\"names\":[\"a\"]},{\"names\":[\"a\",7]}]]")
                == "[0][1].names[1]: expected a string, found a number")
        #expect(failure("[[{}]]") == "[0][0].names: is required")
        #expect(failure("[[{\"names\":null}]]") == "[0][0].names: is required")
        #expect(failure("[{}]") == "[0]: expected an array, found an object")
    }

    @Test("Paths and messages do not contain keys of maps")
    func mapKeys() {
        let error = #expect(throws: JSONError.self) {
            try [String: Int](json: ByteBuffer(string: "{\"a\":1,\"Jane Doe\":\"1\"}"))
        }
        #expect(error?.pathDescription == "")
        #expect(error?.message == "a value: expected an integer, found a string")
        let outer = #expect(throws: JSONError.self) { try [String: Int](json: ByteBuffer(string: "[]")) }
        #expect(outer?.message == "expected an object, found an array")
    }

    @Test("Integers are exact; other numbers are not integers")
    func integers() throws {
        #expect(try Int(json: ByteBuffer(string: "9007199254740991")) == 1 << 53 - 1)
        #expect(try Int(json: ByteBuffer(string: "-9007199254740991")) == 1 - 1 << 53)
        #expect(try Int(json: ByteBuffer(string: "-0")) == 0)
        for text in [
            "9007199254740992", "-9007199254740992", "18446744073709551617", "1.0", "1e2", "\"1\"", "true",
            String(repeating: "9", count: 1000),
        ] {
            #expect(throws: JSONError.self, "\(text)") { try Int(json: ByteBuffer(string: text)) }
        }
        #expect(throws: JSONError.self) { try Double(json: ByteBuffer(string: "1e400")) }
        #expect(Self.document("[1e400]") == nil)
    }

    @Test("A decimal number is rounded to the nearest double, whatever its number of digits")
    func decimals() throws {
        for number in 1...20_000 {
            // Numbers of any length with pseudo-random digits.
            let digits = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15 >> UInt64(number % 64))
            let point = number % (digits.count + 1)
            let whole = String(digits.prefix(point).drop { $0 == "0" })
            let fraction = digits.dropFirst(point)
            let text = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
            #expect(try Double(json: ByteBuffer(string: text)) == Double(text), "\(text)")
            #expect(try Double(json: ByteBuffer(string: "-" + text)) == Double("-" + text), "-\(text)")
        }
    }

    @Test("The end and the escapes of a string are found at every offset", arguments: 0...20, 0...20)
    func specialBytes(before: Int, behind: Int) throws {
        func string(_ special: String, _ end: String = "\"") -> ByteBuffer {
            ByteBuffer(string: "\"" + plain(before) + special + plain(behind) + end)
        }
        func plain(_ count: Int) -> String { String("[]!#~ }{azAZ09:,/^.@".prefix(count)) }
        #expect(try String(json: string("")) == plain(before) + plain(behind))
        #expect(try String(json: string("\\n")) == plain(before) + "\n" + plain(behind))
        #expect(try String(json: string("é")) == plain(before) + "é" + plain(behind))
        #expect(try String(json: string("\u{7f}")) == plain(before) + "\u{7f}" + plain(behind))
        for special in ["\"", "\n", "\u{1f}", "\u{0}", "\\"] {
            #expect(throws: JSONError.self) { try String(json: string(special + "\u{1}")) }
        }
        #expect(throws: JSONError.self) { try String(json: string("", "")) }
    }

    @Test("A repeated name is refused, except in skipped values")
    func repeatedNames() throws {
        let many = (0..<20).map { "\"\($0)\":0," }.joined()
        for text in [
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"a\":null}", "{\"a\":null,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
            "{\(many)\"19\":0}", "{\(many)\"0\":0}", "{\"é\":1,\"e\\u0301\":2}",
        ] {
            let error = #expect(throws: JSONError.self, "\(text)") { try [String: Int](json: ByteBuffer(string: text)) }
            #expect(error?.code == .repeated)
            #expect(error?.message == "a name in it appears twice")
        }
        #expect(Self.document("[{\"b\":{\"a\":1,\"a\":1}}]") == nil)
        #expect(Self.document("{\"é\":1,\"e\\u0301\":2}") != nil)
        let skipped = try JSONReader.read(ByteBuffer(string: "{\"a\":1,\"a\":1}")) { (reader) throws(JSONError) in
            try reader.skip()
        }
        #expect(skipped == 0..<13)
    }

    @Test(
        "Timestamps round-trip in milliseconds",
        arguments: [0, 1, 999, 1_760_000_000_000, 1_760_000_000_123, -1500])
    func timestamps(milliseconds: Int64) throws {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(try Timestamp(json: time.json()) == time)
    }

    @Test("Every millisecond of a second is exact, today and at the ends of the calendar")
    func everyMillisecond() throws {
        for second in [1_760_000_000, 253_402_300_798, -62_135_596_799] as [Int64] {
            for millisecond in 0..<Int64(1000) {
                let time = Timestamp(milliseconds: second * 1000 + millisecond)
                #expect(try Timestamp(json: time.json()) == time)
            }
        }
    }

    @Test(
        "Finer times are truncated to milliseconds",
        arguments: [
            ("12.3449", 12344), ("12.3451", 12345), ("12.3459999", 12345), ("1760000000.1239", 1_760_000_000_123),
        ])
    func finerTimes(text: String, milliseconds: Int64) throws {
        #expect(try Timestamp(json: ByteBuffer(string: text)) == Timestamp(milliseconds: milliseconds))
    }

    @Test("Times outside the calendar are refused", arguments: ["1e300", "-1e300", "253402300800", "\"2026-01-01\""])
    func strangeTimes(text: String) {
        #expect(throws: JSONError.self) { try Timestamp(json: ByteBuffer(string: text)) }
    }

    @Test(
        "A copied document is compact and on one line",
        arguments: ["", "plain", "quote\" slash\\ ", "\u{0}\u{1f}\n\r\t", "é😀\u{2028}"])
    func strings(text: String) throws {
        let json = text.json()
        #expect(!json.readableBytesView.contains(UInt8(ascii: "\n")))
        #expect(try String(json: json) == text)
    }

    @Test("Any changed byte is read without a crash")
    func mutation() {
        var random = SplitMix64(seed: 7)
        let seeds = [
            "{\"a\":[1,2.5e3,\"x\\u00e9\\n\",null,true],\"b\":{\"c\":\"é😀\"}}", "[[[[]]]]", "\"\\ud83d\\ude00\"",
        ]
        for _ in 0..<20_000 {
            var bytes = Array(seeds[Int(random.next() % 3)].utf8)
            for _ in 0..<(1 + random.next() % 3) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                default: if bytes.count > 1 { bytes.remove(at: at) }
                }
            }
            // Accepted text must be accepted again, with the same result.
            if let compact = Self.document(bytes) { #expect(Self.document(compact) == compact) }
        }
    }
}

/// Pseudo-random generator with a seed, so that a failure can be reproduced.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
