import Jobline
import Logging
import Testing

@testable import joblinectl

@Suite("Output")
struct OutputTests {
    @Test("a table's columns are as wide as what is in them")
    func table() {
        var table = Table(["JOB", "STATE", "NAME"], flexible: 2)
        table.add(["1f", "COMPLETED", "nightly"])
        table.add(["2f00", "FAILED", ""])
        #expect(
            table.text(width: nil) == """
                JOB   STATE      NAME
                1f    COMPLETED  nightly
                2f00  FAILED
                """)
    }

    @Test("the flexible column gives way, but not for ever")
    func narrowTable() {
        var table = Table(["JOB", "NAME"], flexible: 1)
        table.add(["0123456789", "a long name of a job"])
        #expect(table.text(width: 32) == "JOB         NAME\n0123456789  a long name of a job")
        #expect(table.text(width: 24) == "JOB         NAME\n0123456789  a long name…")
        #expect(table.text(width: 5) == "JOB         NAME\n0123456789  a long …")
    }

    @Test("a record's values stand under one another, and absent ones leave no line")
    func record() {
        var record = Record()
        record.add("Job", "1f")
        record.add("Message", nil)
        record.add("Started", "")
        record.add("Output to", "s3://b/")
        #expect(record.text == "Job        1f\nOutput to  s3://b/")
    }

    @Test("what jobs are called cannot steer the terminal")
    func plain() {
        #expect(Terminal.plain("a\u{1B}[31mb\nc\u{9B}d\u{202E}e\u{2028}f é 日") == "a [31mb c d e f é 日")
    }

    @Test(
        "text is cut and filled up in columns, of which some characters take two and others none",
        arguments: [
            ("abc", 5, "abc  "), ("abcdef", 5, "abcd…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日… "),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"), ("👍👍", 3, "👍…"), ("ab", 0, ""), ("한글", 4, "한글"),
        ])
    func columns(text: String, width: Int, fitted: String) {
        #expect(text.fitted(to: width) == fitted)
        #expect(text.fitted(to: width).columns == width)
    }

    @Test(
        "times are UTC to the second",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00Z"), (1_795_235_608_714, "2026-11-21T04:33:28Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00Z"), (253_402_300_799_999, "9999-12-31T23:59:59Z"),
        ])
    func times(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test(
        "JSON is laid out without changing it",
        arguments: [
            ("{}", "{}"), ("[]", "[]"), ("1", "1"),
            ("{\"a\":[1,2],\"b\":{}}", "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}"),
            ("{\"a\":\"x,{\\\"y\\\\\"}", "{\n  \"a\": \"x,{\\\"y\\\\\"\n}"),
            ("[[],[{}]]", "[\n  [],\n  [\n    {}\n  ]\n]"),
        ])
    func json(compact: String, indented: String) {
        #expect(JSONLayout.indented(compact) == indented)
    }

    @Test("a log line is a note with its facts in order")
    func log() {
        #expect(NoteLogHandler.line("connected", [:]) == "connected")
        #expect(
            NoteLogHandler.line("waiting", ["pause": "0.1 seconds", "after": "throttled"])
                == "waiting (after throttled, pause 0.1 seconds)")
    }

    @Test("methods fit the width, their summaries below them")
    func methods() throws {
        let document = try #require(
            JSONDocument(
                """
                {"openrpc":"1.3.2","methods":[{"name":"A.B","summary":"Does one thing after the other.","x-limit":"write",\
                "x-retry":"never","params":[]},{"name":"rpc.ping"}]}
                """))
        let methods = try MethodSummary.read(document)
        #expect(
            MethodsCommand.text(methods, width: 24) == """
                METHOD    LIMIT  RETRY
                A.B       write  never
                    Does one thing after
                    the other.
                rpc.ping
                """)
        #expect(
            methods.first?.text
                == "{\"name\":\"A.B\",\"limit\":\"write\",\"retry\":\"never\",\"summary\":\"Does one thing after the other.\"}"
        )
    }
}
