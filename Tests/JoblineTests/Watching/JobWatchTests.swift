import JoblineProtocol
import NIOCore
import Synchronization
import Testing

@testable import Jobline

@Suite("Watches on a real socket", .timeLimit(.minutes(1)))
struct JobWatchTests {
    static let family = "RxNormInference"

    static func job(_ id: String) -> JobReference { JobReference(family: .rxNormInference, id: id) }

    static func watchedIDs(_ request: Request?) -> [String] {
        (request?.params).flatMap { try? Sidecar.WatchJobsRequest(json: $0) }?.jobs.map(\.id) ?? []
    }

    static func run<Value: Sendable>(
        _ configure: (inout JoblineClient.Configuration) -> Void = { _ in },
        script: @escaping @Sendable (ScriptedPeer.Client) async throws -> Void,
        _ body: (JoblineClient) async throws -> Value
    ) async throws -> Value {
        try await ScriptedPeer.run(script: script) { path in
            var configuration = JoblineClient.Configuration(socketPath: path)
            configure(&configuration)
            return try await JoblineClient.withClient(configuration: configuration, body)
        }
    }

    static func failure(of body: () async throws(JoblineError) -> some Any) async -> JoblineError? {
        await JoblineClientTests.failure(of: body)
    }

    @Test("A watch yields the current state, then each change, and ends with the daemon's reply")
    func changes() async throws {
        let seen = try await Self.run(script: { peer in
            let watch = try await peer.next()
            for state in ["queued", "running", "succeeded"] { try await peer.notify(watch, Self.family, "a", state) }
            try await peer.notify(watch, Self.family, "b", "gone")
            try await peer.answer(watch)
            _ = try await peer.next()
        }) { client in
            var last: [String: JobState] = [:]
            for try await job in client.watch([Self.job("a"), Self.job("b")]) { last[job.id] = job.state }
            return last
        }
        #expect(seen == ["a": .succeeded, "b": .gone])
    }

    @Test("A watch continues on a new connection with the jobs that have not ended, and repeats no change")
    func reconnect() async throws {
        let asked = Journal<[String]>()
        let goOn = Journal<Void>()
        let seen = try await Self.run(script: { peer in
            let watch = try await peer.next()
            asked.note(Self.watchedIDs(watch))
            if peer.number == 1 {
                try await peer.notify(watch, Self.family, "a", "succeeded")
                try await peer.notify(watch, Self.family, "b", "running")
                _ = await goOn.entries(1)
                return
            }
            try await peer.notify(watch, Self.family, "b", "running")
            try await peer.notify(watch, Self.family, "b", "failed")
            try await peer.answer(watch)
            _ = try await peer.next()
        }) { client in
            var seen: [String] = []
            for try await job in client.watch([Self.job("a"), Self.job("b")]) {
                seen.append("\(job.id) \(job.state.rawValue)")
                if seen.count == 2 { goOn.note(()) }
            }
            return seen
        }
        #expect(seen == ["a succeeded", "b running", "b failed"])
        #expect(await asked.entries(2) == [["a", "b"], ["b"]])
    }

    @Test("A watch whose jobs have ended is not sent again after a lost connection")
    func lostReply() async throws {
        let asked = Mutex(0)
        try await Self.run(script: { peer in
            let watch = try await peer.next()
            guard watch != nil else { return }
            asked.withLock { $0 += 1 }
            try await peer.notify(watch, Self.family, "a", "stopped")
        }) { client in
            let value = try await client.waitUntilTerminal(Self.job("a"))
            #expect(value.state == .stopped)
        }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test("A draining daemon's 503 and its notice move the watch to the next connection", arguments: [true, false])
    func drain(notice: Bool) async throws {
        let state = try await Self.run(script: { peer in
            if peer.number == 1 {
                let watch = try await peer.next()
                try await peer.notify(watch, Self.family, "a", "running")
                if notice {
                    try await peer.send("{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.Draining\",\"params\":{}}\n")
                } else {
                    try await peer.fail(watch, 503, "{\"processed\":false}")
                }
            }
            // Without the notice the same connection is used again.
            let watch = try await peer.next()
            try await peer.notify(watch, Self.family, "a", "partial")
            try await peer.answer(watch)
            _ = try await peer.next()
        }) { try await $0.waitUntilTerminal(Self.job("a")).state }
        #expect(state == .partial)
    }

    @Test("Thousands of jobs are watched in requests of a thousand, as one sequence")
    func parts() async throws {
        let jobs = (0..<2500).map { Self.job("\($0)") }
        let ended = try await Self.run(script: { peer in
            while let watch = try await peer.next() {
                for id in Self.watchedIDs(watch) { try await peer.notify(watch, Self.family, id, "succeeded") }
                try await peer.answer(watch)
            }
        }) { client in
            var told = 0
            let ended = try await client.waitUntilTerminal(jobs + jobs) { _ in told += 1 }
            #expect(told == 2500)
            return ended
        }
        #expect(ended.map(\.reference) == jobs + jobs)
    }

    @Test("Leaving the loop and cancelling the task both end the watch on the daemon", arguments: [true, false])
    func cancel(byTask: Bool) async throws {
        let told = Journal<String>()
        try await Self.run(script: { peer in
            while let request = try await peer.next() {
                told.note(request.method)
                guard request.method == "Sidecar.WatchJobs" else { continue }
                try await peer.notify(request, Self.family, "a", "running")
            }
        }) { client in
            if byTask {
                let began = Journal<Void>()
                let task = Task { () -> JoblineError? in
                    do throws(JoblineError) {
                        for try await _ in client.watch(Self.job("a")) { began.note(()) }
                        return nil
                    } catch {
                        return error
                    }
                }
                _ = await began.entries(1)
                task.cancel()
                #expect(await task.value?.code == .cancelled)
            } else {
                for try await _ in client.watch(Self.job("a")) { break }
            }
            #expect(await told.entries(2) == ["Sidecar.WatchJobs", "rpc.cancel"])
        }
    }

    @Test("Late notifications of a cancelled watch are ignored, and the connection stays open")
    func late() async throws {
        let answer = try await Self.run(script: { peer in
            let watch = try await peer.next()
            try await peer.notify(watch, Self.family, "a", "queued")
            _ = try await peer.next()
            try await peer.notify(watch, Self.family, "a", "running")
            try await peer.fail(watch, 499)
            try await peer.answer(try await peer.next(), "{\"n\":\(peer.number)}")
            _ = try await peer.next()
        }) { client in
            for try await _ in client.watch(Self.job("a")) { break }
            return try await client.call(JoblineClientTests.readonly)
        }
        #expect(answer == "{\"n\":1}")
    }

    @Test("The error that refuses a watch is thrown once")
    func refused() async throws {
        try await Self.run(script: { peer in
            try await peer.fail(try await peer.next(), 403, "{\"type\":\"AccessDeniedException\"}")
            _ = try await peer.next()
        }) { client in
            var changes = client.watch(Self.job("a")).makeAsyncIterator()
            do throws(JoblineError) {
                _ = try await changes.next()
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.code == .forbidden)
            }
            let value = try await changes.next()
            #expect(value == nil)
        }
    }

    @Test("A job that is gone is not found, and among many it is gone")
    func gone() async throws {
        try await Self.run(script: { peer in
            while let watch = try await peer.next() {
                for id in Self.watchedIDs(watch) {
                    try await peer.notify(watch, Self.family, id, id == "a" ? "gone" : "stopped")
                }
                try await peer.answer(watch)
            }
        }) { client in
            let error = await Self.failure { () throws(JoblineError) in
                try await client.waitUntilTerminal(Self.job("a"))
            }
            #expect(error?.code == .notFound)
            let states = try await client.waitUntilTerminal([Self.job("b"), Self.job("a")]).map(\.state)
            #expect(states == [.stopped, .gone])
            let value = try await client.waitUntilTerminal([])
            #expect(value == [])
        }
    }

    @Test("The timeout error of a wait says how many jobs have not ended")
    func timeout() async throws {
        let told = Journal<String>()
        try await Self.run(script: { peer in
            while let request = try await peer.next() {
                told.note("\(request.method) \(request.timeoutMilliseconds ?? 0)")
                try await peer.notify(request, Self.family, "a", "succeeded")
            }
        }) { client in
            let error = await Self.failure { () throws(JoblineError) in
                try await client.waitUntilTerminal(
                    ["a", "b", "c"].map(Self.job), options: CallOptions(timeout: .milliseconds(300)))
            }
            #expect(error?.code == .timeout)
            #expect(error?.message == "2 of 3 jobs have not ended within 0.3 seconds")
            #expect(await told.entries(2) == ["Sidecar.WatchJobs 0", "rpc.cancel 0"])
        }
    }

    @Test("A watch leaves a silent daemon and continues with one that responds")
    func silence() async throws {
        let pings = Journal<String>()
        let state = try await Self.run({ $0.keepAlive = .milliseconds(50) }) { peer in
            let watch = try await peer.next()
            if peer.number == 1 {
                while let request = try await peer.next() { pings.note(request.method) }
                return
            }
            try await peer.notify(watch, Self.family, "a", "succeeded")
            try await peer.answer(watch)
            _ = try await peer.next()
        } _: { client in
            try await client.waitUntilTerminal(Self.job("a")).state
        }
        #expect(state == .succeeded)
        #expect(await pings.entries(1) == ["rpc.ping"])
    }

    @Test("Without a daemon a watch fails at its timeout with the path of the socket")
    func watchTimeout() async throws {
        let path = ScriptedPeer.uniquePath()
        let configuration = JoblineClient.Configuration(socketPath: path, watchTimeout: .milliseconds(200))
        await JoblineClient.withClient(configuration: configuration) { client in
            let error = await Self.failure { () throws(JoblineError) in
                try await client.waitUntilTerminal(Self.job("a"))
            }
            #expect(error?.code == .unreachable)
            #expect(
                error?.message
                    == "no daemon responded at \(path) for 0.2 seconds: no socket at \(path); start joblined, or set "
                    + "JOBLINE_SOCKET")
        }
    }

    @Test("An invalid notification ends the watch with an error")
    func nonsense() async throws {
        let error = try await Self.run(script: { peer in
            _ = try await peer.next()
            try await peer.send("{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.JobChanged\",\"params\":{\"watch\":1}}\n")
            _ = try await peer.next()
        }) { client in
            await Self.failure { () throws(JoblineError) in try await client.waitUntilTerminal(Self.job("a")) }
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test("A closed client ends its watches and refuses new ones")
    func close() async throws {
        try await Self.run(script: { peer in
            try await peer.notify(try await peer.next(), Self.family, "a", "running")
            _ = try await peer.next()
        }) { client in
            var codes: [JoblineError.Code] = []
            do throws(JoblineError) {
                for try await _ in client.watch(Self.job("a")) { await client.close() }
            } catch {
                codes.append(error.code)
            }
            do throws(JoblineError) {
                for try await _ in client.watch(Self.job("a")) {}
            } catch {
                codes.append(error.code)
            }
            #expect(codes == [.closed, .closed])
        }
    }

    @Test("A released watch retains neither the client nor its connection")
    func letGo() async throws {
        weak var connection: Connection?
        try await ScriptedPeer.run(script: { peer in
            try await peer.notify(try await peer.next(), Self.family, "a", "running")
            _ = try await peer.next()
            _ = try await peer.next()
        }) { path in
            let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: path))
            connection = client.connection
            for try await _ in client.watch(Self.job("a")) { break }
            await client.close()
        }
        #expect(connection == nil)
    }
}
