import JoblineProtocol
import Logging
import Testing

@testable import joblined

/// Checks that any text stays in its line and field.
@Suite("Log text")
struct LogTextTests {
    private func entry(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogEntry {
        LogEntry(
            LogEvent(
                level: .debug, message: "\(message)", metadata: metadata, source: nil, file: "Module/File.swift",
                function: "f()", line: 7),
            [:], at: Timestamp(milliseconds: 0))
    }

    private func text(_ entry: LogEntry) -> String {
        var text = LogText()
        entry.describe(in: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test("Plain words are not quoted, and metadata is sorted by key")
    func plain() {
        #expect(
            text(entry("request", ["method": "rpc.ping", "code": "-32601"])) == "request code=-32601 method=rpc.ping")
    }

    @Test(
        "A value cannot start a line or another field",
        arguments: [
            ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#), (#"say "x""#, #""say \"x\"""#),
            (#"back\slash"#, #""back\\slash""#), ("one\ntwo code=500", #""one\ntwo code=500""#),
            ("\r\t\0\u{1B}[2J\u{7F}", #""\r\t\u{0}\u{1b}[2J\u{7f}""#), ("a\u{85}b\u{2028}c", #""a\u{85}b\u{2028}c""#),
            ("user\u{202E}txt", #""user\u{202e}txt""#), ("Größe 漢字", #""Größe 漢字""#),
        ])
    func values(value: String, shown: String) {
        #expect(text(entry("m", ["k": "\(value)"])) == "m k=\(shown)")
    }

    @Test("A message or key cannot start a line")
    func messages() {
        #expect(text(entry("a\nb", ["c\nd": "e"])) == #"a\nb c\nd=e"#)
    }

    @Test("A long value is truncated")
    func long() throws {
        let value = try #require(entry("m", ["k": "\(String(repeating: "ü", count: 5000))"]).fields.first?.value)
        #expect(value.utf8.count <= LogEntry.maximumBytes + 3)
        #expect(value.hasSuffix("ü…"))
    }

    @Test("Metadata of the event overrides that of the logger, and only the type of an error is logged")
    func merging() {
        struct Failure: Error { let text = "private" }
        let event = LogEvent(
            level: .error, message: "m", error: Failure(), metadata: ["a": "event"], source: nil, file: "f",
            function: "f", line: 1)
        let entry = LogEntry(event, ["a": "logger", "b": "logger"], at: Timestamp(milliseconds: 0))
        #expect(
            entry.fields == [
                .init(key: "a", value: "event"), .init(key: "b", value: "logger"),
                .init(key: "error", value: "Failure"),
            ])
    }

    @Test(
        "Keys are converted to names of journal fields",
        arguments: [
            ("method", "JOBLINE_METHOD"), ("reply-bytes", "JOBLINE_REPLY_BYTES"), ("sl-service", "JOBLINE_SL_SERVICE"),
            ("a.b=c\n", "JOBLINE_A_B_C_"), ("", "JOBLINE_"),
        ])
    func names(key: String, name: String) {
        #expect(LogEntry.journalName(of: key) == name)
    }

    @Test("The name of a journal field is never too long")
    func longName() {
        #expect(LogEntry.journalName(of: String(repeating: "a", count: 100)).utf8.count == 64)
    }
}
