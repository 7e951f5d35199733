import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Tests that each request is counted once with its outcome, and that open counters return to zero.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ServerStatisticsTests {
    private static let describing = "ComprehendMedical.DescribeRxNormInferenceJob"

    // MARK: Outcomes

    private static let invalid = #"{"method":"\#(describing)","params":{"JobId":7},"id":3,"jsonrpc":"2.0"}"#

    @Test(
        "A request is counted with the code of its reply, under its method or as unknown",
        arguments: [
            (describe("x", id: 1), describing, "ok"),
            (describe("none", id: 1), describing, "404"),
            (describe("broken", id: 1), describing, "500"),
            (describe("bytes-5000", id: 1), describing, "413"), (invalid, describing, "-32602"),
            (#"{"method":"No.Such"}"#, "unknown", "-32601"), ("{nonsense}", "unknown", "-32700"),
            ("{}", "unknown", "-32600"), (#"{"id":1}"#, "unknown", "-32600"),
            (#"{"method":"rpc.ping"}"#, "rpc.ping", "ok"),
            (#"{"method":"rpc.hello","params":{"require":["time-travel"]}}"#, "rpc.hello", "400"),
            (#"{"method":"rpc.cancel","params":{"id":9}}"#, "rpc.cancel", "ok"),
            (#"{"method":"rpc.cancel"}"#, "rpc.cancel", "-32602"),
            (#"{"method":"Personalize.ListBatchSegmentJobs"}"#, "Personalize.ListBatchSegmentJobs", "503"),
        ])
    func outcome(request: String, method: String, code: String) async throws {
        let statistics = try await Statistician.statistics {
            $0.replyBytes = 4000
        } _: { server in
            let client = try await server.client()
            for _ in 1...2 {
                try await client.send("\(request)\n")
                _ = await client.line()
            }
            await client.close()
        }
        #expect(statistics.outcomes == [method: [code: 2]])
        #expect(statistics.connections.closed == ["peer": 1])
    }

    @Test(
        "A notification is counted like a request",
        arguments: [
            (describe("x"), describing, "ok"), (describe("none"), describing, "404"),
            (#"{"jsonrpc":"2.0","method":"No.Such"}"#, "unknown", "-32601"),
            (#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":9}}"#, "rpc.cancel", "ok"),
        ])
    func notification(request: String, method: String, code: String) async throws {
        let statistics = try await Statistician.statistics(until: { $0.outcomes != [:] }) { server in
            let client = try await server.client()
            try await client.sendFramed(request)
            try await client.halfClose()
            #expect(await client.rest() == "")
        }
        #expect(statistics.outcomes == [method: [code: 1]])
    }

    @Test("Requests for unknown methods are counted under one fixed name")
    func boundedNames() async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            for number in 1...100 { try await client.send("{\"method\":\"No.Such\(number)\"}\n") }
            for _ in 1...100 { _ = await client.line() }
            await client.close()
        }
        #expect(statistics.outcomes == ["unknown": ["-32601": 100]])
    }

    @Test("A cancelled request is counted once, as cancelled, and is in flight until its work ends")
    func cancel() async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            try await client.send("{\"method\":\"rpc.cancel\",\"params\":{\"id\":1}}\n")
            _ = (await client.line(), await client.line())
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["499": 1], "rpc.cancel": ["ok": 1]])
        #expect(statistics.methods.first { $0.method == Self.describing }?.latency?.count == 1)
    }

    @Test("A deadline during the work and one in the queue are each counted once")
    func deadlines() async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            try await client.send(describe("wait-a") + "\n")
            await server.gates.arrival(at: "a")
            try await client.send(describe("x", timeout: 1) + "\n")
            try await client.sendFramed(describe("x", timeout: 1))
            try await client.send(describe("wait-a", id: 1, timeout: 1) + "\n")
            #expect(try failure(await client.line()).error.code == .deadlineExceeded)
            server.gates.open("a")
            #expect(await client.line() == described("wait-a"))
            #expect(try failure(await client.line()).error.code == .deadlineExceeded)
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["ok": 1, "504": 3]])
        // Queued requests were not carried out.
        #expect(statistics.methods.first { $0.method == Self.describing }?.latency?.count == 2)
    }

    @Test("Ordered requests count as waiting, and running ones as in flight")
    func gauges() async throws {
        try await withServer { server in
            let statistician = try await Statistician(server)
            let client = try await server.client()
            let line = describe("wait-a")
            try await client.send("\(line)\n\(line)\n\(line)\n" + describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a", count: 2)
            let statistics = try await statistician.ask()
            #expect(statistics.requests.inFlight == 3)
            #expect(statistics.requests.waiting == 2)
            #expect(statistics.requests.working == 3)
            #expect(statistics.connections.open == 2)
            #expect(statistics.isWhole)
            server.gates.open("a")
            for _ in 1...4 { _ = await client.line() }
            await client.close()
            #expect(try await statistician.calm().outcomes == [Self.describing: ["ok": 4]])
            await statistician.close()
        }
    }

    @Test("Requests over the window or with an id in flight are counted as refused")
    func window() async throws {
        let statistics = try await Statistician.statistics {
            $0.inFlight = 2
        } _: { server in
            let client = try await server.client()
            for id in [1, 1, 2, 3] {
                try await client.send(describe("wait-a", id: id) + "\n")
            }
            #expect(try failure(await client.line()).error.code == .invalidRequest)
            #expect(try failure(await client.line()).error.code == .tooManyRequests)
            server.gates.open("a")
            _ = (await client.line(), await client.line())
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["ok": 2, "-32600": 1, "429": 1]])
        #expect(statistics.limits.refused == [:])
    }

    @Test("Requests that wait for a slot are counted, and withdrawn ones leave nothing behind")
    func pending() async throws {
        try await withServer(configure: { $0.backendLimits[0].read = 1 }) { server in
            let statistician = try await Statistician(server)
            let client = try await server.client()
            for id in 1...4 { try await client.send(describe("wait-a", id: id) + "\n") }
            await server.gates.arrival(at: "a")
            try await client.send("{\"id\":9,\"method\":\"rpc.cancel\",\"params\":{\"id\":4}}\n")
            _ = (await client.line(), await client.line())
            let statistics = try await statistician.ask()
            #expect(statistics.requests.inFlight == 4)
            #expect(statistics.requests.pending == 2)
            #expect(statistics.requests.working == 2)
            await client.close()
            let end = try await statistician.calm()
            #expect(end.outcomes == [Self.describing: ["499": 1, "lost": 3], "rpc.cancel": ["ok": 1]])
            // Waiting requests were not carried out.
            #expect(end.methods.first { $0.method == Self.describing }?.latency?.count == 1)
            await statistician.close()
        }
    }

    @Test("A request without access is counted as forbidden")
    func access() async throws {
        let stop = "ComprehendMedical.StopRxNormInferenceJob"
        try await withServer(access: AccessRules(write: .init())) { server in
            let statistician = try await Statistician(server)
            let client = try await server.client()
            try await client.send("{\"method\":\"\(stop)\"}\n")
            #expect(try failure(await client.line()).error.code == .forbidden)
            await client.close()
            #expect(try await statistician.calm().outcomes == [stop: ["403": 1]])
            await statistician.close()
        }
    }

    @Test("A request that a limit refuses is counted as an outcome and as a decision")
    func limits() async throws {
        let clock = ManualClock()
        let limits = LimitConfiguration(methods: [Self.describing: .init(perSecond: 1, burst: 2)])
        let statistics = try await Statistician.statistics(limits: limits, clock: clock.clock) { server in
            let client = try await server.client()
            for id in 1...5 { try await client.send(describe("x", id: id) + "\n") }
            for _ in 1...5 { _ = await client.line() }
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["ok": 2, "429": 3]])
        #expect(statistics.limits.refused == ["method": 3])
        #expect(statistics.limits.passed >= 2)
    }

    @Test("A call with a fault is counted by its outcome")
    func faults() async throws {
        var rule = FaultRule(name: "down", methods: Self.describing)
        rule.error = "InternalServerException"
        let statistics = try await Statistician.statistics(faults: FaultInjector([rule])) { server in
            let client = try await server.client()
            try await client.send(describe("x", id: 1) + "\n")
            #expect(try failure(await client.line()).error.code == .internalError)
            await client.close()
        }
        #expect(statistics.outcomes == [Self.describing: ["500": 1]])
    }

    // MARK: Bytes and times

    @Test("Bytes are those on the socket, and latencies those of the clock")
    func traffic() async throws {
        let statistics = try await Statistician.statistics { server in
            let client = try await server.client()
            try await client.send(describe("bytes-100000", id: 1) + "\n")
            _ = await client.line()
            await client.close()
        }
        #expect(statistics.traffic.bytesOut > 100_000)
        #expect(statistics.traffic.bytesIn > describe("bytes-100000", id: 1).utf8.count)

        let clock = ManualClock()
        let timed = try await Statistician.statistics(clock: clock.clock) { server in
            let client = try await server.client()
            for (id, seconds) in [(1, 3), (2, 1)] {
                try await client.send(describe("wait-\(id)", id: id) + "\n")
                await server.gates.arrival(at: "\(id)")
                clock.advance(by: .seconds(seconds))
                server.gates.open("\(id)")
                _ = await client.line()
            }
            await client.close()
        }
        let latency = try #require(timed.methods.first { $0.method == Self.describing }?.latency)
        #expect(latency.count == 2)
        #expect(latency.max == 3_000_000)
        #expect(abs(latency.p50 - 1_000_000) < 16_000)
        #expect(abs(latency.p99 - 3_000_000) < 48_000)
    }
}
