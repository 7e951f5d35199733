import Jobline
import Logging
import Testing

@testable import joblinectl

@Suite("Output")
struct OutputTests {
    @Test("Columns of a table are as wide as their content")
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

    @Test("The flexible column is shortened, but keeps a minimum width")
    func narrowTable() {
        var table = Table(["JOB", "NAME"], flexible: 1)
        table.add(["0123456789", "a long name of a job"])
        #expect(table.text(width: 32) == "JOB         NAME\n0123456789  a long name of a job")
        #expect(table.text(width: 24) == "JOB         NAME\n0123456789  a long name…")
        #expect(table.text(width: 5) == "JOB         NAME\n0123456789  a long …")
    }

    @Test("Values of a record are aligned, and absent ones have no line")
    func record() {
        var record = Record()
        record.add("Job", "1f")
        record.add("Message", nil)
        record.add("Started", "")
        record.add("Output to", "s3://b/")
        #expect(record.text == "Job        1f\nOutput to  s3://b/")
    }

    @Test("Names of jobs cannot control the terminal")
    func plain() {
        #expect(Terminal.plain("a\u{1B}[31mb\nc\u{9B}d\u{202E}e\u{2028}f é 日") == "a [31mb c d e f é 日")
    }

    @Test(
        "Text is truncated and padded by columns; some characters have two columns, some none",
        arguments: [
            ("abc", 5, "abc  "), ("abcdef", 5, "abcd…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日… "),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"), ("👍👍", 3, "👍…"), ("ab", 0, ""), ("한글", 4, "한글"),
        ])
    func columns(text: String, width: Int, fitted: String) {
        #expect(text.fitted(to: width) == fitted)
        #expect(text.fitted(to: width).columns == width)
    }

    @Test(
        "Times are in UTC with seconds",
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
        "Indented JSON has the same content",
        arguments: [
            ("{}", "{}"), ("[]", "[]"), ("1", "1"),
            ("{\"a\":[1,2],\"b\":{}}", "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}"),
            ("{\"a\":\"x,{\\\"y\\\\\"}", "{\n  \"a\": \"x,{\\\"y\\\\\"\n}"),
            ("[[],[{}]]", "[\n  [],\n  [\n    {}\n  ]\n]"),
        ])
    func json(compact: String, indented: String) {
        #expect(JSONLayout.indented(compact) == indented)
    }

    @Test("A log line is a note with sorted metadata")
    func log() {
        #expect(NoteLogHandler.line("connected", [:]) == "connected")
        #expect(
            NoteLogHandler.line("waiting", ["pause": "0.1 seconds", "after": "throttled"])
                == "waiting (after throttled, pause 0.1 seconds)")
    }

    @Test("The list of methods fits the width, with summaries on their own lines")
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
