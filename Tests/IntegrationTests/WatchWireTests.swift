import Foundation
import Jobline
import Subprocess
import TestSupport
import Testing

/// Watches of a real daemon, in bytes.
@Suite("Watches", .timeLimit(.minutes(2)))
struct WatchWireTests {
    /// An executor that says how far it is, and ends only when the file `go` appears.
    private static func settings(_ directory: TestDirectory, _ more: String = "") throws -> String {
        let executor = try directory.write(
            """
            #!/bin/sh
            echo '{"progress":0.5}'
            echo "$$" >> '\(directory.appending("runs"))'
            until [ -e '\(directory.appending("go"))' ]; do sleep 0.05; done
            echo done > note.txt.out
            echo '{"processed":{"input":"note.txt","output":"note.txt.out"}}'
            """, to: "executor", mode: 0o755)
        try directory.write(Secret.word, to: "state/buckets/notes/note.txt")
        return "executors: {rxNormInference: {command: [\"\(executor)\"], onRestart: rerun}}\n\(more)"
    }

    private static func watch(_ id: Int?, _ jobs: [String], until: String? = "terminal") -> String {
        let references = jobs.map { #"{"family":"RxNormInference","id":"\#($0)"}"# }.joined(separator: ",")
        let until = until.map { #","until":"\#($0)""# } ?? ""
        return (id.map { #"{"id":\#($0),"# } ?? "{")
            + #""method":"Sidecar.WatchJobs","params":{"jobs":[\#(references)]\#(until)}}"# + "\n"
    }

    /// Returns the next message in words: "WATCH STATE" for a notification, "ID ok" or "ID CODE" for a reply.
    private static func next(_ connection: WireConnection) async throws -> String {
        guard let object = try await connection.next() else { return "end" }
        if let params = object["params"] {
            let watch = params["watch"]?.integer.map { "\($0) " } ?? ""
            return watch + (params["state"]?.string ?? object["method"]?.string ?? "")
        }
        let code = object["error"]?["code"]?.integer.map { "\($0)" } ?? "ok"
        return "\(object["id"]?.integer.map { "\($0)" } ?? "-") \(code)"
    }

    /// All that comes until the reply, each state once, where progress may have told it twice.
    private static func untilReply(_ connection: WireConnection) async throws -> [String] {
        var found: [String] = []
        repeat {
            let next = try await next(connection)
            if next != found.last { found.append(next) }
        } while found.last?.hasSuffix("ok") == false
        return found
    }

    @Test("Watches report the states of a job in order, and end with its last description")
    func wholeLife() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.settings(directory)) { daemon in
                try await daemon.client { client in
                    // The first job has the only slot, so the second one waits.
                    let first = try await CrashTests.start(client, token: "1")
                    try await CrashTests.untilRunning(directory, times: 1)
                    let second = try await CrashTests.start(client, token: "2")
                    let connection = try WireConnection(to: daemon.socket)
                    try await connection.send(Self.watch(1, [second]))
                    #expect(try await Self.next(connection) == "1 queued")
                    let other = try WireConnection(to: daemon.socket)
                    try await other.send(Self.watch(2, [first]))
                    let running = try #require(try await other.next())
                    #expect(running["params"]?["progress"] == .number(0.5))
                    try directory.write("go", to: "go")
                    #expect(try await Self.untilReply(connection) == ["1 running", "1 succeeded", "1 ok"])
                    #expect(try await Self.untilReply(other) == ["2 succeeded", "2 ok"])
                    try await connection.send(Self.watch(3, [first, second]))
                    #expect(try await Self.untilReply(connection) == ["3 succeeded", "3 ok"])
                }
            }
        }
    }

    @Test("A thousand watches on one connection are notified, and calls work beside them")
    func thousand() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.settings(directory)) { daemon in
                try await daemon.client { client in
                    let job = try await CrashTests.start(client, token: "1")
                    try await CrashTests.untilRunning(directory, times: 1)
                    let connection = try WireConnection(to: daemon.socket)
                    for id in 1...1000 { try await connection.send(Self.watch(id, [job])) }
                    try await connection.send("{\"id\":0,\"method\":\"rpc.ping\"}\n")
                    var told: Set<String> = []
                    while told.count < 1001 { told.insert(try await Self.next(connection)) }
                    #expect(told == Set((1...1000).map { "\($0) running" } + ["0 ok"]))
                    let statistics = try await client.sidecar.getStatistics()
                    #expect(statistics.watches?.open == 1000 && statistics.watches?.jobs == 1000)
                    try directory.write("go", to: "go")
                    told = []
                    while told.count < 2000 { told.insert(try await Self.next(connection)) }
                    #expect(told == Set((1...1000).flatMap { ["\($0) succeeded", "\($0) ok"] }))
                }
            }
        }
    }

    @Test(
        "A drain ends watches with 503 and closes; the next daemon reports the current state first")
    func restarts() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory)
            let job = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let job = try await daemon.client { client in try await CrashTests.start(client, token: "1") }
                try await CrashTests.untilRunning(directory, times: 1)
                let connection = try WireConnection(to: daemon.socket)
                try await connection.send(Self.watch(1, [job]))
                #expect(try await Self.next(connection) == "1 running")
                daemon.send(.kill)
                #expect(try await connection.isLost())
                return job
            }.value
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await CrashTests.untilRunning(directory, times: 2)
                let connection = try WireConnection(to: daemon.socket)
                try await connection.send(Self.watch(2, [job]))
                #expect(try await Self.next(connection) == "2 running")
                daemon.send(.terminate)
                var last = ["2 running"]
                while last.last == "2 running" { last.append(try await Self.next(connection)) }
                #expect(last.last == "2 503")
                #expect(try await Self.next(connection) == "Sidecar.Draining")
                #expect(try await Self.next(connection) == "end")
            }
            try directory.write("go", to: "go")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let connection = try WireConnection(to: daemon.socket)
                try await connection.send(Self.watch(3, [job]))
                let told = try await Self.untilReply(connection)
                #expect(Array(told.suffix(2)) == ["3 succeeded", "3 ok"])
            }
        }
    }

    @Test(
        "A watch continues after a half-close until the peer is killed, which frees watch and connection"
    )
    func socat() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.settings(directory)) { daemon in
                let line = Self.watch(nil, ["none"], until: nil).dropLast()
                let output = directory.appending("told")
                let script =
                    "printf '%s\\n' '\(line)' | socat -t3600 - 'UNIX-CONNECT:\(daemon.socket)' > '\(output)' & "
                    + "until [ -s '\(output)' ]; do sleep 0.02; done; sleep 1; kill -0 $! && kill -9 $! && wait $!"
                try await daemon.client { client in
                    async let outcome = Command.run("bash", ["-c", script])
                    _ = try await Samples.untilEnded {
                        try await client.sidecar.getStatistics()
                    } ended: {
                        $0.watches?.open == 1
                    }
                    // 137: killed a second after the end of its input.
                    #expect(try await outcome.status == .exited(137))
                    let statistics = try await Samples.untilEnded {
                        try await client.sidecar.getStatistics()
                    } ended: {
                        $0.watches?.open == 0 && $0.connections.open == 1 && $0.requests.working == 1
                    }
                    #expect(statistics.requests.inFlight == 1)
                    #expect(statistics.methods.first { $0.method == "Sidecar.WatchJobs" }?.codes == ["lost": 1])
                    #expect(try directory.read("told").contains("\"state\":\"gone\""))
                }
            }
        }
    }
}

/// A connection that a test drives from wherever it runs: what waits in the kernel waits on a thread of its own.
private final class WireConnection: Sendable {
    private let queue = DispatchQueue(label: "connection")
    // Used only on the queue.
    private nonisolated(unsafe) let connection: VectorConnection

    init(to path: String) throws { connection = try VectorConnection(to: path) }

    private func run<Value: Sendable>(_ body: @escaping @Sendable (VectorConnection) throws -> Value) async throws
        -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self.connection) }) }
        }
    }

    private static var deadline: ContinuousClock.Instant { .now.advanced(by: .seconds(60)) }

    func send(_ text: String) async throws {
        _ = try await run { try $0.send(Array(text.utf8)[...], until: Self.deadline) }
    }

    /// The next object; nil at the end.
    func next() async throws -> JSONValue? {
        try await run { connection in
            switch try connection.next(until: Self.deadline) {
            case .message(_, let object, _): return object
            case .end: return nil
            case .silence: throw TestFailure("nothing came for a minute")
            }
        }
    }

    /// True once the connection is gone, however that came.
    func isLost() async throws -> Bool {
        do {
            while try await next() != nil {}
        } catch {}
        return true
    }
}
