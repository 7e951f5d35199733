import JoblineProtocol
import Testing

@testable import JoblineServer

/// Faults on purpose, over a real socket.
@Suite(.timeLimit(.minutes(1))) struct ServerFaultTests {
    static let describes = "ComprehendMedical.Describe*"

    /// Runs a server with one rule, whose delays end when the test opens their gate.
    static func run(
        _ methods: String = describes, limits: LimitConfiguration = LimitConfiguration(),
        _ change: (inout FaultRule) -> Void,
        _ body: (TestServer, RawClient, FaultInjector, Gates) async throws -> Void
    ) async throws {
        var rule = FaultRule(name: "r", methods: methods)
        change(&rule)
        let injector = try #require(try FaultInjector([rule]))
        let delays = Gates()
        let clock = MonotonicClock(now: { .now }, sleep: { try await delays.pass("\($0)") })
        try await withServer(limits: limits, faults: injector, clock: clock) { server in
            let client = try await server.client()
            try await body(server, client, injector, delays)
            await client.close()
        }
    }

    static func counts(_ injector: FaultInjector) -> [Int] { injector.counts.flatMap { [$0.calls, $0.hits] } }

    @Test("A throttled call is refused before its parameters are decoded")
    func throttle() async throws {
        try await Self.run("*") {
            ($0.throttle, $0.retryAfterMilliseconds) = (true, 250)
        } _: { _, client, injector, _ in
            try await client.send(#"{"id":1,"method":"EntityResolution.GetMatchingJob","params":{"jobId":0}}"# + "\n")
            #expect(
                await client.line()
                    == #"{"jsonrpc":"2.0","id":1,"error":{"code":429,"message":"injected by faults.r","data":"#
                    + #"{"type":"ThrottlingException","scope":"fault","retryable":true,"processed":false,"#
                    + #""retryAfterMs":250}}}"#)
            #expect(Self.counts(injector) == [1, 1])
        }
    }

    @Test("An injected error replaces the result")
    func error() async throws {
        try await Self.run {
            $0.error = "InternalServerException"
        } _: { server, client, _, _ in
            try await client.sendFramed(describe("wait-a", id: 1))
            #expect(
                try await client.framed()
                    == #"{"jsonrpc":"2.0","id":1,"error":{"code":500,"message":"injected by faults.r","data":"#
                    + #"{"type":"InternalServerException","retryable":true,"processed":false}}}"#)
            #expect(server.gates.arrivals(at: "a") == 0)
        }
    }

    @Test("An error after the call comes after the work, and has no processed member")
    func after() async throws {
        try await Self.run {
            ($0.error, $0.after) = ("ServiceUnavailableException", true)
        } _: { server, client, _, _ in
            try await client.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            server.gates.open("a")
            var (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .unavailable)
            #expect(error.message == "injected by faults.r after the call")
            #expect(error.processed == nil)
            #expect(error.retryable == true)
            // The call was refused.
            try await client.send(describe("none", id: 2) + "\n")
            (id, error) = try failure(await client.line())
            #expect(id == .integer(2))
            #expect(error.type == "ServiceUnavailableException")
            #expect(error.processed == false)
        }
    }

    @Test("A slow call is answered as usual, and delays no other")
    func delay() async throws {
        try await Self.run {
            $0.delayMilliseconds = 300
        } _: { _, client, _, delays in
            try await client.send(describe("x", id: 1) + "\n{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            await delays.arrival(at: "0.3 seconds")
            delays.open("0.3 seconds")
            #expect(await client.line() == described("x", id: 1))
        }
    }

    @Test("A slow error comes after its delay")
    func delayedError() async throws {
        try await Self.run {
            ($0.delayMilliseconds, $0.error) = (20, "ResourceNotFoundException")
        } _: { _, client, _, delays in
            try await client.send(describe("x", id: 1) + "\n")
            await delays.arrival(at: "0.02 seconds")
            delays.open("0.02 seconds")
            #expect(try failure(await client.line()).error.type == "ResourceNotFoundException")
        }
    }

    @Test("The deadline ends the delay with one 504, and the call is not carried out")
    func deadline() async throws {
        try await Self.run {
            $0.delayMilliseconds = 300_000
        } _: { server, client, _, delays in
            try await client.send(describe("wait-a", id: 1, timeout: 1) + "\n")
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .deadlineExceeded)
            await delays.cancellation(at: "300.0 seconds")
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            #expect(server.gates.arrivals(at: "a") == 0)
        }
    }

    @Test("A cancel ends the delay with 499, and the call is not carried out")
    func cancel() async throws {
        try await Self.run {
            $0.delayMilliseconds = 300_000
        } _: { server, client, _, delays in
            try await client.send(describe("wait-a", id: 1) + "\n")
            await delays.arrival(at: "300.0 seconds")
            try await client.send("{\"method\":\"rpc.cancel\",\"params\":{\"id\":1}}\n")
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .cancelled)
            #expect(await client.line() == pong)
            await delays.cancellation(at: "300.0 seconds")
            #expect(server.gates.arrivals(at: "a") == 0)
        }
    }

    @Test("The drain timeout ends a delay")
    func drain() async throws {
        try await Self.run {
            $0.delayMilliseconds = 300_000
        } _: { server, client, _, delays in
            try await client.send(describe("x", id: 1) + "\n")
            await delays.arrival(at: "300.0 seconds")
            server.server.drain()
            #expect(try failure(await client.line()).error.code == .unavailable)
            await client.closed()
        }
    }

    @Test("A fault applies to a notification, without a reply")
    func notification() async throws {
        try await Self.run {
            $0.error = "InternalServerException"
        } _: { server, client, injector, _ in
            try await client.sendFramed(describe("wait-a"))
            try await client.sendFramed(#"{"jsonrpc":"2.0","id":2,"method":"rpc.ping"}"#)
            #expect(try await client.framed() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
            #expect(Self.counts(injector) == [1, 1])
            #expect(server.gates.arrivals(at: "a") == 0)
        }
    }

    @Test("Faults never apply to rpc and Sidecar")
    func exempt() async throws {
        try await Self.run("*") {
            $0.error = "InternalServerException"
        } _: { _, client, injector, _ in
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            try await client.send("{\"method\":\"Sidecar.GetInfo\"}\n")
            #expect(try failure(await client.line()).error.message == "not part of this test")
            #expect(Self.counts(injector) == [0, 0])
        }
    }

    @Test("A call that a limit refuses does not advance the sequence")
    func behindLimits() async throws {
        try await Self.run(limits: .init(clientRead: .init(perSecond: 0.001, burst: 1))) {
            $0.throttle = true
        } _: { _, client, injector, _ in
            try await client.send(describe("x", id: 1) + "\n")
            #expect(try failure(await client.line()).error.scope == "fault")
            try await client.send(describe("x", id: 2) + "\n")
            #expect(try failure(await client.line()).error.scope == "client")
            #expect(Self.counts(injector) == [1, 1])
        }
    }

    @Test("Calls that are not hit are carried out")
    func spared() async throws {
        try await Self.run {
            ($0.error, $0.share, $0.seed) = ("InternalServerException", 0.2, 7)
        } _: { _, client, injector, _ in
            for call in 1...11 {
                try await client.send(describe("x", id: call) + "\n")
                let line = await client.line()
                if [2, 9, 11].contains(call) {
                    #expect(try failure(line).error.message == "injected by faults.r")
                } else {
                    #expect(line == described("x", id: call))
                }
            }
            #expect(Self.counts(injector) == [11, 3])
        }
    }
}
