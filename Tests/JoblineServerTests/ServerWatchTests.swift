import JoblineBackend
import JoblineProtocol
import NIOCore
import TestSupport
import Testing

@testable import JoblineServer

/// Watches over a real socket, of jobs that the test moves.
@Suite(.timeLimit(.minutes(1))) struct ServerWatchTests {
    private static func watch(_ jobs: [String], id: Int? = nil, more: String = "", params: String = "") -> String {
        let references = jobs.map { #"{"family":"RxNormInference","id":"\#($0)"}"# }.joined(separator: ",")
        return #"{"jsonrpc":"2.0",\#(id.map { #""id":\#($0),"# } ?? "")\#(more)"method":"Sidecar.WatchJobs","#
            + #""params":{"jobs":[\#(references)]\#(params)}}"# + "\n"
    }

    private static let untilTerminal = #","until":"terminal""#

    /// A notification as "WATCH ID STATE", a reply as "ID ok" or "ID CODE".
    private static func text(_ line: String?) throws -> String {
        guard let line else { return "end" }
        func name(_ id: RequestID?) -> String {
            switch id {
            case .integer(let number): "\(number)"
            case .string(let text): text
            case nil: "-"
            }
        }
        switch try ServerMessage(Frame(form: .bare, body: ByteBuffer(string: line))) {
        case .notification("Sidecar.JobChanged", let params):
            let change = try Sidecar.JobChanged(json: params ?? ByteBuffer())
            let progress = change.progress.map { " \($0)" } ?? ""
            return "\(name(change.watch)) \(change.id) \(change.state.rawValue)\(progress)"
        case .notification(let method, _): return method
        case .reply(let id, .success): return "\(name(id)) ok"
        case .reply(let id, .failure(let error)): return "\(name(id)) \(error.code.rawValue)"
        }
    }

    private static func lines(_ count: Int, of client: RawClient) async throws -> [String] {
        var lines: [String] = []
        for _ in 0..<count { lines.append(try text(await client.line())) }
        return lines
    }

    /// Runs a server over scripted jobs, and looks afterwards that nothing of any watch is left.
    private func withJobs(
        access: AccessRules = AccessRules(), configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (TestServer, ScriptedJobs) async throws -> Void
    ) async throws {
        let jobs = ScriptedJobs()
        let watches = JobWatches(of: jobs)
        try await withServer(access: access, watches: watches, configure: configure) { server in
            try await body(server, jobs)
            let statistician = try await Statistician(server)
            let statistics = try await statistician.calm()
            #expect(statistics.isWhole)
            #expect(statistics.watches?.open == 0 && statistics.watches?.jobs == 0)
            // All watches were told to end; their last work may still be running.
            while !watches.isIdle { await Task.yield() }
            await statistician.close()
        }
    }

    @Test("A watch reports the state of every job, then each change, and replies after all have ended")
    func wholeLife() async throws {
        try await withJobs { server, jobs in
            jobs.set("a", .queued)
            let client = try await server.client()
            try await client.send(Self.watch(["a", "b"], id: 7, params: Self.untilTerminal))
            #expect(try await Self.lines(2, of: client) == ["7 a queued", "7 b gone"])
            jobs.set("a", .running)
            #expect(try Self.text(await client.line()) == "7 a running")
            jobs.set("a", .running, progress: 0.5)
            #expect(try Self.text(await client.line()) == "7 a running 0.5")
            jobs.set("a", .succeeded)
            #expect(try await Self.lines(2, of: client) == ["7 a succeeded", "7 ok"])
            await client.close()
        }
    }

    @Test("A removed job is gone and a new one is found, and a watch without until goes on")
    func vanishing() async throws {
        try await withJobs { server, jobs in
            jobs.set("a", .succeeded)
            let client = try await server.client()
            try await client.send(Self.watch(["a"]))
            #expect(try Self.text(await client.line()) == "- a succeeded")
            jobs.remove("a")
            #expect(try Self.text(await client.line()) == "- a gone")
            jobs.set("a", .queued)
            #expect(try Self.text(await client.line()) == "- a queued")
            await client.close()
        }
    }

    @Test("A framed watch has framed notifications, with the exact bytes of the job")
    func framed() async throws {
        try await withJobs { server, jobs in
            jobs.set("a", .running)
            let client = try await server.client()
            try await client.sendFramed(String(Self.watch(["a"], id: 1).dropLast()))
            let expected =
                #"{"jsonrpc":"2.0","method":"Sidecar.JobChanged","params":{"service":"ComprehendMedical","#
                + #""family":"RxNormInference","id":"a","state":"running","job":{"JobId":"a","x":""},"watch":1}}"#
            #expect(try await client.framed() == expected)
            await client.close()
        }
    }

    @Test("A thousand watches on one connection take no slots from calls, and share one read")
    func thousand() async throws {
        try await withJobs(configure: { $0.inFlight = 4 }) { server, jobs in
            jobs.set("a", .queued)
            let client = try await server.client()
            for id in 1...1000 { client.sendAnyway(Self.watch(["a"], id: id, params: Self.untilTerminal)) }
            let first = try await Self.lines(1000, of: client)
            #expect(Set(first) == Set((1...1000).map { "\($0) a queued" }))
            for id in 1001...1004 { try await client.send(describe("wait-g", id: id) + "\n") }
            await server.gates.arrival(at: "g", count: 4)
            try await client.send("{\"id\":9999,\"method\":\"rpc.ping\"}\n")
            #expect(try Self.text(await client.line()) == "9999 429")
            server.gates.open("g")
            #expect(try await Set(Self.lines(4, of: client)) == Set((1001...1004).map { "\($0) ok" }))
            let reads = jobs.reads.count
            jobs.set("a", .succeeded)
            let last = try await Self.lines(2000, of: client)
            #expect(Set(last) == Set((1...1000).flatMap { ["\($0) a succeeded", "\($0) ok"] }))
            #expect(jobs.reads.count == reads + 1)
            await client.close()
        }
    }

    @Test("Notifications that exceed the output cap are sent later")
    func moreThanAtOnce() async throws {
        try await withJobs(configure: { $0.softOutputBytes = 8 << 10 }) { server, jobs in
            jobs.set("a", .running)
            let client = try await server.client()
            for id in 1...200 { client.sendAnyway(Self.watch(["a"], id: id)) }
            _ = try await Self.lines(200, of: client)
            for progress in [0.25, 0.5, 0.75] {
                jobs.set("a", .running, progress: progress)
                let told = try await Self.lines(200, of: client)
                #expect(Set(told) == Set((1...200).map { "\($0) a running \(progress)" }))
            }
            await client.close()
        }
    }

    @Test("Jobs over the cap of all watches are refused, and pass after others have ended")
    func cap() async throws {
        try await withJobs(configure: { $0.watchedJobs = 3 }) { server, _ in
            let client = try await server.client()
            try await client.send(Self.watch(["a", "b"], id: 1))
            #expect(try await Self.lines(2, of: client) == ["1 a gone", "1 b gone"])
            try await client.send(Self.watch(["c", "d"], id: 2))
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(2))
            #expect(error.code == .tooManyRequests && error.scope == "connection" && error.processed == false)
            #expect(error.retryable == true && error.type == "TooManyRequestsException")
            try await client.send(Self.watch(["c"], id: 3))
            #expect(try Self.text(await client.line()) == "3 c gone")
            await client.close()
        }
    }

    @Test("A cancelled watch has one reply, and nothing after it")
    func cancel() async throws {
        try await withJobs { server, jobs in
            let client = try await server.client()
            try await client.send(Self.watch(["a"], id: 1) + Self.watch(["a"], id: 2))
            #expect(try await Set(Self.lines(2, of: client)) == ["1 a gone", "2 a gone"])
            try await client.send("{\"id\":3,\"method\":\"rpc.cancel\",\"params\":{\"id\":1}}\n")
            #expect(try await Self.lines(2, of: client) == ["1 499", "3 ok"])
            jobs.set("a", .queued)
            #expect(try Self.text(await client.line()) == "2 a queued")
            try await client.send("{\"id\":1,\"method\":\"rpc.ping\"}\n")
            #expect(try Self.text(await client.line()) == "1 ok")
            await client.close()
        }
    }

    @Test(
        "An invalid watch is refused, and the error names the member",
        arguments: [
            (#"{"family":"RxNormInference","id":"a"},{"family":"RxNormInference","id":"a"}"#, "jobs[1]"),
            (#"{"family":"RxNormInference","id":"a","workflow":"w"}"#, "jobs[0].workflow"),
            (#"{"family":"PHIDetection","id":"a"},{"family":"Matching","id":"a"}"#, "jobs[1].workflow"),
            (#"{"family":"Nonsense","id":"a"}"#, "jobs[0].family"), ("", "jobs"),
        ])
    func refused(jobs: String, path: String) async throws {
        try await withJobs { server, _ in
            let client = try await server.client()
            try await client.send(
                #"{"id":1,"method":"Sidecar.WatchJobs","params":{"jobs":[\#(jobs)]}}"# + "\n")
            let (_, error) = try failure(await client.line())
            #expect(error.code == .invalidParams)
            #expect(error.path == path)
            await client.close()
        }
    }

    @Test("A failed read ends a watch with 500")
    func broken() async throws {
        struct Broken: Error {}
        let jobs = ScriptedJobs()
        jobs.fail(with: ServiceError(.failed, "the store is broken", cause: Broken()))
        let log = LogRecorder()
        try await withServer(log: log, watches: JobWatches(of: jobs)) { server in
            let client = try await server.client()
            try await client.send(Self.watch(["a"], id: 1))
            #expect(try Self.text(await client.line()) == "1 500")
            await client.close()
        }
    }

    @Test("A caller that loses the right to read gets an error instead of notifications")
    func accessWithdrawn() async throws {
        try await withJobs { server, jobs in
            let client = try await server.client()
            try await client.send(Self.watch(["a"], id: 1))
            #expect(try Self.text(await client.line()) == "1 a gone")
            try server.server.reconfigure(
                ServerConfiguration(), limits: LimitConfiguration().resolve(), access: .init(read: .init()))
            jobs.set("a", .queued)
            let (_, error) = try failure(await client.line())
            #expect(error.code == .forbidden && error.type == "AccessDeniedException")
            try server.server.reconfigure(
                ServerConfiguration(), limits: LimitConfiguration().resolve(), access: .init())
            await client.close()
        }
    }

    @Test("A drain ends watches with 503, finishes calls, then notifies")
    func drain() async throws {
        let jobs = ScriptedJobs()
        let watches = JobWatches(of: jobs)
        try await withServer(watches: watches, configure: { $0.drainTimeout = .seconds(60) }) { server in
            let (client, halfClosed) = (try await server.client(), try await server.client())
            try await client.send(Self.watch(["a"], id: 1))
            #expect(try Self.text(await client.line()) == "1 a gone")
            try await client.send(describe("wait-g", id: 2) + "\n")
            await server.gates.arrival(at: "g")
            try await halfClosed.send(Self.watch(["a"]))
            try await halfClosed.halfClose()
            #expect(try Self.text(await halfClosed.line()) == "- a gone")
            server.server.drain()
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .unavailable && error.processed == false && error.retryable == true)
            #expect(try await Self.lines(2, of: halfClosed) == ["- 503", "end"])
            server.gates.open("g")
            #expect(try await Self.lines(3, of: client) == ["2 ok", "Sidecar.Draining", "end"])
        }
        while !watches.isIdle { await Task.yield() }
    }

    @Test("A watch survives a half-close, and ends when the peer closes")
    func halfClose() async throws {
        try await withJobs { server, jobs in
            let client = try await server.client()
            try await client.send(Self.watch(["a"]))
            try await client.halfClose()
            #expect(try Self.text(await client.line()) == "- a gone")
            jobs.set("a", .running)
            #expect(try Self.text(await client.line()) == "- a running")
            await client.close()
        }
    }

    @Test("A slow reader of a watch is not closed, and later gets the last state of each job")
    func slowReader() async throws {
        try await withJobs(configure: { $0.slowConsumerTimeout = .milliseconds(50) }) { server, jobs in
            let ids = (0..<100).map { "j\($0)" }
            let client = try await server.client(reads: false)
            for id in ids { jobs.set(id, .queued, padding: 4000) }
            try await client.send(Self.watch(ids, id: 1, params: Self.untilTerminal))
            let observer = try await Statistician(server)
            // Far more than socket and server hold; most of it is never encoded.
            for round in 1...40 {
                for id in ids { jobs.set(id, .running, progress: Double(round) / 100, padding: 4000) }
                let held = try await observer.ask().traffic
                #expect(held.unsentBytes < 1 << 20 && held.heldBytes < 1 << 20)
            }
            for id in ids { jobs.set(id, .succeeded) }
            let told = try #require(try await observer.ask().watches).notifications
            #expect(told < 1000)
            try await client.startReading()
            var last: [String: String] = [:]
            while case let line = try Self.text(await client.line()), line != "1 ok" {
                let words = line.split(separator: " ")
                last[String(words[1])] = String(words[2])
            }
            #expect(last.count == 100 && last.values.allSatisfy { $0 == "succeeded" })
            await observer.close()
            await client.close()
        }
    }
}
