import Glibc
import JoblineProtocol
import Logging
import SystemPackage
import Testing

@testable import joblined

@Suite("Standard error output")
struct StandardErrorOutputTests {
    private func read(_ body: (StandardErrorOutput) -> Void) throws -> String {
        let pipe = try FileDescriptor.pipe()
        body(StandardErrorOutput(descriptor: pipe.writeEnd.rawValue))
        try pipe.writeEnd.close()
        return try pipe.readEnd.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = try bytes.withUnsafeMutableBytes { try pipe.readEnd.read(into: $0) }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    private func entry(_ message: String, milliseconds: Int64, _ level: Logger.Level = .debug) -> LogEntry {
        LogEntry(
            time: Timestamp(milliseconds: milliseconds), level: level, message: message,
            fields: [.init(key: "code", value: "ok")])
    }

    @Test("A line has the time in UTC, the level, the message and the metadata")
    func lines() throws {
        let text = try read { output in
            let entries = [
                entry("request", milliseconds: 1_767_225_599_007), entry("serving", milliseconds: 0, .notice),
            ]
            #expect(output.write(entries) == 0)
        }
        #expect(
            text == "2025-12-31T23:59:59.007Z debug request code=ok\n1970-01-01T00:00:00.000Z notice serving code=ok\n")
    }

    @Test("The reason for the end of the process is a plain message")
    func exitReason() throws {
        let text = try read { $0.write(exitReason: entry("config:\nno", milliseconds: 0)) }
        #expect(text == "joblined: config:\\nno\n")
    }

    @Test("Lines that cannot be written are counted")
    func closed() {
        #expect(StandardErrorOutput(descriptor: -1).write([entry("a", milliseconds: 0)]) == 1)
    }

    @Test(
        "Standard error is only the journal if it is the named stream",
        arguments: [nil, "", "8:1", "0:0", "x"])
    func notTheJournal(stream: String?) {
        #expect(!JournalOutput.isStandardError(stream))
    }

    @Test("Standard error is the journal if its device and inode are the named ones")
    func journal() {
        var status = stat()
        #expect(fstat(STDERR_FILENO, &status) == 0)
        #expect(JournalOutput.isStandardError("\(status.st_dev):\(status.st_ino)"))
    }
}
