import JoblineProtocol
import Testing

@testable import JoblineEmbedded

@Suite("Lines of executors")
struct LineTests {
    private func split(_ chunks: [String], limit: Int = 8) throws -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for chunk in chunks { try splitter.append(chunk.utf8) { lines.append(String(decoding: $0, as: UTF8.self)) } }
        try splitter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    @Test("Lines come out alike wherever the stream is cut")
    func split() throws {
        let text = "one\n\ntwo\nthree"
        for cut in 0...text.utf8.count {
            let index = text.utf8.index(text.startIndex, offsetBy: cut)
            #expect(try split([String(text[..<index]), String(text[index...])]) == ["one", "", "two", "three"])
        }
    }

    @Test("A line of the limit passes, one byte more does not")
    func limit() throws {
        #expect(try split(["12345678\n12345678"]) == ["12345678", "12345678"])
        #expect(throws: LineSplitter.TooLong.self) { try split(["1234", "56789"]) }
    }

    @Test(
        "The last line that is not empty counts",
        arguments: [
            ("", nil), ("\n \n\t\n", nil), ("one\ntwo\n\n  \n", "two"), ("one", "one"), ("one\n\r\n", "one"),
            // Bars of progress write over a line.
            ("\r 10 %\r100 %\rno room\n", "no room"), ("one\r\ntwo\r\n", "two"), ("10 %\r20 %\r", "20 %"),
        ])
    func last(_ text: String, _ expected: String?) {
        var line = LastLine()
        for byte in text.utf8 { line.append([byte]) }
        #expect(line.text() == expected)
    }

    @Test("Of a long line the last 1024 characters are kept", arguments: ["x", "…", "😀"], [1, 7, 5000])
    func cut(_ character: String, _ chunk: Int) {
        var line = LastLine()
        let bytes = Array((String(repeating: character, count: 5000) + "end").utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            line.append(bytes[start..<min(start + chunk, bytes.count)])
        }
        #expect(line.text() == String(repeating: character, count: 1021) + "end")
    }

    @Test("Every line of the contract is read")
    func read() throws {
        #expect(
            try ExecutorLine(Array(#"{"processed":{"input":"a","output":"a.out","characters":3}}"#.utf8))
                == .processed(input: "a", output: "a.out", characters: 3))
        #expect(
            try ExecutorLine(Array(#" {"processed":{"input":"a","output":"b","new":[1]}} "#.utf8))
                == .processed(input: "a", output: "b", characters: 0))
        #expect(
            try ExecutorLine(Array(#"{"unprocessed":{"input":"a","reason":"not UTF-8"}}"#.utf8))
                == .unprocessed(input: "a", reason: "not UTF-8"))
        #expect(try ExecutorLine(Array(#"{"metrics": {"n": 1}}"#.utf8)) == .metrics(#"{"n":1}"#))
        #expect(try ExecutorLine(Array(#"{"message":"hello"}"#.utf8)) == .message("hello"))
        #expect(try ExecutorLine(Array(#"{"modelVersion":"2.1.0"}"#.utf8)) == .modelVersion("2.1.0"))
        for (text, part) in [("0", 0.0), ("0.4", 0.4), ("1", 1.0)] {
            #expect(try ExecutorLine(Array(#"{"progress":\#(text)}"#.utf8)) == .progress(part))
        }
    }

    @Test(
        "Everything else is not",
        arguments: [
            "hello", "{}", "[]", "null", #"{"processed":{"input":"a"}}"#, #"{"processed":"a"}"#, #"{"metrics":1}"#,
            #"{"modelVersion":""}"#, #"{"modelVersion":2}"#,
            #"{"modelVersion":"\#(String(repeating: "1", count: 65))"}"#,
            #"{"message":1}"#, #"{"message":"a","metrics":{}}"#, #"{"progress":1.01}"#, #"{"progress":-0.1}"#,
            #"{"progress":"half"}"#, #"{"pace":1}"#, #"{"message":"a"} x"#,
            #"{"processed":{"input":"a","output":"b","characters":-1}}"#, #"{"unprocessed":{"reason":"x"}}"#,
        ])
    func refused(_ line: String) {
        #expect(throws: JSONError.self) { try ExecutorLine(Array(line.utf8)) }
    }
}
