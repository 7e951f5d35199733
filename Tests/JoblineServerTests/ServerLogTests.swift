import JoblineProtocol
import Logging
import TestSupport
import Testing

@testable import JoblineServer

/// Tests the log: one line for each request, without its content.
@Suite("Server, log", .timeLimit(.minutes(1)))
struct ServerLogTests {
    private func requests(_ log: LogRecorder) -> [String] { log.lines.filter { $0.hasPrefix("debug request ") } }

    /// Sends lines one after another, waits for the answer to each, and closes.
    private func ask(_ server: TestServer, _ lines: String...) async throws {
        let client = try await server.client()
        for line in lines {
            try await client.send(line + "\n")
            #expect(await client.line() != nil)
        }
        await client.close()
    }

    @Test("Each request has one line with its method, code and sizes")
    func oneLine() async throws {
        let log = LogRecorder()
        try await withServer(log: log) { server in
            try await ask(
                server, #"{"method":"rpc.ping"}"#, describe("none", id: 1), describe("wait-x", id: 2, timeout: 1),
                #"{"id":3,"method":"rpc.cancel","params":{"id":9}}"#, #"{"id":4,"method":"rpc.cancel","params":{}}"#,
                #"{"id":5,"method":"no.such"}"#, #"{"id":6}"#, describe("broken", id: 7))
        }
        let expected = [
            ("ok", "rpc.ping"), ("404", "ComprehendMedical.DescribeRxNormInferenceJob"),
            ("504", "ComprehendMedical.DescribeRxNormInferenceJob"), ("ok", "rpc.cancel"), ("-32602", "rpc.cancel"),
            ("-32601", "unknown"), ("-32600", "unknown"), ("500", "ComprehendMedical.DescribeRxNormInferenceJob"),
        ]
        let lines = requests(log)
        #expect(lines.count == expected.count, "\(lines)")
        for (line, (code, method)) in zip(lines, expected) {
            #expect(line.contains(" code=\(code) ") && line.contains(" method=\(method) "), "\(line)")
            #expect(line.contains(" connection=1 ") && line.contains(" uid="), "\(line)")
        }
        #expect(lines[0].contains(" reply-bytes=2 "))
        #expect(lines[1].contains(" id=integer "))
    }

    @Test("Only the type of an unknown error is logged, at level error")
    func failure() async throws {
        let log = LogRecorder()
        try await withServer(log: log) { server in try await ask(server, describe("broken", id: 1)) }
        let line = try #require(log.lines.first { $0.hasPrefix("error service failed ") })
        #expect(line.contains(" error=Broken ") && line.contains(" code=500 "), "\(line)")
        #expect(Secret.lines(of: log.lines.joined(separator: "\n")).isEmpty)
    }

    @Test("A valid trace id is logged, and an invalid one is not")
    func trace() async throws {
        let log = LogRecorder()
        try await withServer(log: log) { server in
            try await ask(
                server,
                #"{"method":"rpc.ping","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#,
                #"{"method":"rpc.ping","traceparent":"\#(Secret.word)"}"#)
        }
        let lines = requests(log)
        #expect(lines.count == 2)
        #expect(lines[0].contains(" trace=0af7651916cd43dd8448eb211c80319c "))
        #expect(!lines[1].contains("trace"))
    }

    @Test("Neither parameters nor ids nor unknown methods are logged")
    func nothingElse() async throws {
        let word = Secret.word
        let log = LogRecorder()
        try await withServer(log: log) { server in
            try await ask(
                server, describe(word, id: 1), #"{"id":"\#(word)","method":"rpc.ping"}"#,
                #"{"id":2,"method":"\#(word)"}"#,
                #"{"id":3,"method":"rpc.hello","params":{"client":"\#(word)","require":[]}}"#,
                #"{"id":4,"method":"rpc.hello","params":{"\#(word)":"\#(word)"}}"#,
                #"{"id":5,"method":"rpc.hello","params":"\#(word)"}"#, #"{"\#(word)":1}"#, #"{"id":{"\#(word)":1}}"#,
                #"{\#(word)"#)
            let client = try await server.client()
            try await client.send("\(word)\n")
            #expect(await client.rest().contains("-32700"))
        }
        #expect(requests(log).count == 9)
        #expect(log.messages.contains("connection broken off"))
        #expect(Secret.lines(of: log.lines.joined(separator: "\n")) == [])
    }

    @Test("A new log level applies to open connections")
    func threshold() async throws {
        let log = LogRecorder(.info)
        try await withServer(log: log) { server in
            let client = try await server.client()
            for level in [Logger.Level.info, .debug, .info] {
                log.threshold = level
                try await client.send(#"{"method":"rpc.ping"}"# + "\n")
                #expect(await client.line() == pong)
            }
            await client.close()
        }
        #expect(requests(log).count == 1, "\(log.lines)")
    }
}
