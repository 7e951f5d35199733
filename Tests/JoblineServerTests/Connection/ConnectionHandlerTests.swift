import Glibc
import JoblineBackend
import JoblineProtocol
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import JoblineServer

/// The handler on a channel without a socket, with time that the test moves.
@Suite struct ConnectionHandlerTests {
    private struct Connection {
        let channel: NIOAsyncTestingChannel
        let clock: ManualClock
        let gates: Gates
        let registry: ConnectionRegistry
        /// There as long as the handler, which alone has it.
        weak let budget: BufferBudget?

        func send(_ text: String) async throws { try await channel.writeInbound(ByteBuffer(string: text)) }

        /// Bytes written in this round of the event loop, and in total.
        func written() async throws -> [String] {
            await channel.testingEventLoop.run()
            var writes: [String] = []
            while let bytes = try await channel.readOutbound(as: ByteBuffer.self) {
                writes.append(String(buffer: bytes))
            }
            return writes
        }

        /// The next write, which may still be on its way.
        func write() async throws -> String {
            String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
        }

        /// A channel that is never closed is never freed.
        func close() async throws { try await channel.close().get() }

        func advance(by time: Duration) async {
            clock.advance(by: time)
            await channel.testingEventLoop.advanceTime(by: .nanoseconds(time.nanoseconds))
        }
    }

    private func connect(
        watches: JobWatches? = nil, configure: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> Connection {
        var configuration = ServerConfiguration()
        configuration.backendLimits[0].read = 1000
        configure(&configuration)
        let clock = ManualClock()
        let gates = Gates()
        let registry = ConnectionRegistry(caps: configuration.connectionCaps)
        let budget = BufferBudget()
        let environment = RequestPipeline.Environment(
            access: AccessControl(AccessRules()), limiter: RateLimiter(.init()), cache: nil, faults: nil,
            clock: clock.clock, origin: clock.clock.now(), registry: registry)
        let peer = PeerCredentials(uid: 1, gid: 2, pid: 3)
        let services = ScriptedServices(gates: gates, watches: watches).services(
            rpc: ConnectionRPC(
                configuration: configuration, registry: registry, connection: 1, peer: peer)
        )
        let channel = NIOAsyncTestingChannel()
        let admission = registry.admit(channel, caller: peer.caller)
        try await channel.testingEventLoop.executeInContext { [configuration, budget] in
            let metrics = RequestMetrics()
            let pipeline = RequestPipeline(
                environment, scheduler: WorkScheduler(configuration.slotLimits), metrics: metrics,
                eventLoop: channel.testingEventLoop)
            let handler = ConnectionHandler(
                configuration, admission: admission, registry: registry,
                session: CallerSession(
                    peer: peer, connection: 1,
                    answer: { try await services.answer($0, params: $1, context: $2) },
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
                pipeline: pipeline,
                output: ConnectionOutput(
                    configuration, queue: OutputQueue(), metrics: metrics,
                    charge: BufferCharge(budget, caller: peer.caller, limit: configuration.userBytes)))
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        try await channel.connect(to: .init(unixDomainSocketPath: "/nowhere"))
        return Connection(channel: channel, clock: clock, gates: gates, registry: registry, budget: budget)
    }

    @Test("Errors without a service are written at once; all errors of one read in one write")
    func oneWrite() async throws {
        let connection = try await connect()
        try await connection.send("{\"method\":\"No.Such\"}\n{}\n{nonsense}\n")
        let writes = try await connection.written()
        #expect(writes.count == 1)
        #expect(writes.first?.split(separator: "\n").count == 3)
        try await connection.close()
    }

    @Test(
        "A write to a peer that has gone counts as closed by the peer; any other error as a socket failure",
        arguments: [(ECONNRESET, ConnectionEnd.peer), (EPIPE, .peer), (EIO, .failed)])
    func gone(errno: CInt, end: ConnectionEnd) async throws {
        let connection = try await connect()
        try await connection.channel.testingEventLoop.executeInContext {
            connection.channel.pipeline.fireErrorCaught(IOError(errnoCode: errno, reason: "write"))
        }
        try await connection.channel.closeFuture.get()
        #expect(connection.registry.counts.closed == [end: 1])
    }

    @Test("A connection starts a bounded number of requests before other connections get their turn")
    func fairness() async throws {
        let connection = try await connect { $0.requestsPerTurn = 2 }
        let line = "{\"method\":\"No.Such\"}\n"
        try await connection.send(String(repeating: line, count: 5))
        await connection.channel.testingEventLoop.run()
        let writes = try await connection.written()
        #expect(writes.map { $0.split(separator: "\n").count } == [2, 2, 1])
        try await connection.close()
    }

    @Test("The deadline is the request's own, to the instant of the injected clock")
    func deadline() async throws {
        let connection = try await connect()
        try await connection.send(describe("wait-a", id: 1, timeout: 5000) + "\n")
        await connection.gates.arrival(at: "a")
        await connection.advance(by: .milliseconds(4999))
        #expect(try await connection.written() == [])
        await connection.advance(by: .milliseconds(1))
        #expect(try failure(try await connection.write()).error.code == .deadlineExceeded)
        await connection.gates.cancellation(at: "a")
        try await connection.close()
    }

    @Test("A request without a timeout has the default, and the maximum limits its own")
    func deadlines() async throws {
        let connection = try await connect {
            $0.defaultTimeout = .seconds(60)
            $0.maximumTimeout = .seconds(100)
        }
        try await connection.send(describe("wait-a", id: 1) + "\n" + describe("wait-a", id: 2, timeout: 900_000) + "\n")
        await connection.gates.arrival(at: "a", count: 2)
        await connection.advance(by: .seconds(60))
        #expect(try failure(try await connection.write()).id == .integer(1))
        await connection.advance(by: .seconds(40))
        #expect(try failure(try await connection.write()).id == .integer(2))
        try await connection.close()
    }

    @Test("A later request with an earlier deadline moves the timer")
    func earlierDeadline() async throws {
        let connection = try await connect()
        try await connection.send(describe("wait-a", id: 1, timeout: 5000) + "\n")
        try await connection.send(describe("wait-a", id: 2, timeout: 10) + "\n")
        await connection.gates.arrival(at: "a", count: 2)
        await connection.advance(by: .milliseconds(10))
        #expect(try failure(try await connection.write()).id == .integer(2))
        await connection.advance(by: .milliseconds(4990))
        #expect(try failure(try await connection.write()).id == .integer(1))
        try await connection.close()
    }

    @Test(
        "A frame that is not complete in time ends the connection, wherever it stalls",
        arguments: ["1", "10\n{", "{"])
    func stall(sent: String) async throws {
        let connection = try await connect { $0.frameTimeout = .seconds(10) }
        try await connection.send(sent)
        await connection.advance(by: .milliseconds(9999))
        #expect(try await connection.written() == [])
        await connection.advance(by: .milliseconds(1))
        let (id, error) = try failure(try await connection.write())
        #expect(id == nil)
        #expect(error.code == .parseError)
        try await connection.channel.closeFuture.get()
    }

    @Test("Each frame has its own timeout; an idle connection has none")
    func noStall() async throws {
        let connection = try await connect { $0.frameTimeout = .seconds(10) }
        let line = "{\"method\":\"No.Such\"}\n"
        try await connection.send("{\"meth")
        await connection.advance(by: .seconds(9))
        try await connection.send("od\":\"No.Such\"}\n{\"m")
        #expect(try await connection.written().count == 1)
        await connection.advance(by: .seconds(9))
        try await connection.send("ethod\":\"No.Such\"}\n")
        #expect(try await connection.written().count == 1)
        await connection.advance(by: .seconds(1000))
        try await connection.send(line)
        #expect(try await connection.written().count == 1)
        try await connection.close()
    }

    @Test("Replies wait for one another only where the request has no id")
    func replies() async throws {
        let connection = try await connect()
        try await connection.send(describe("wait-a", id: 1) + "\n" + describe("wait-b", id: 2) + "\n")
        await connection.gates.arrival(at: "a")
        await connection.gates.arrival(at: "b")
        connection.gates.open("b")
        #expect(try await connection.write() == described("wait-b", id: 2) + "\n")
        connection.gates.open("a")
        #expect(try await connection.write() == described("wait-a", id: 1) + "\n")
        try await connection.close()
    }

    @Test("A connection that is accepted during a drain gets the notice and refuses every request")
    func draining() async throws {
        let connection = try await connect()
        connection.registry.drain()
        await connection.channel.testingEventLoop.run()
        #expect(try await connection.write() == #"{"jsonrpc":"2.0","method":"Sidecar.Draining","params":{}}"# + "\n")
        try await connection.channel.closeFuture.get()
    }

    @Test("A queued request that times out is reported as not processed")
    func deadlineBeforeItsTurn() async throws {
        let connection = try await connect { $0.backendLimits[0].read = 1 }
        try await connection.send(describe("wait-a", id: 1) + "\n" + describe("wait-b", id: 2, timeout: 10) + "\n")
        await connection.gates.arrival(at: "a")
        await connection.advance(by: .milliseconds(10))
        let (id, error) = try failure(try await connection.write())
        #expect(id == .integer(2))
        #expect(error.code == .deadlineExceeded)
        #expect(error.processed == false)
        connection.gates.open("a")
        #expect(try await connection.write() == described("wait-a", id: 1) + "\n")
        #expect(connection.gates.arrivals(at: "b") == 0)
        try await connection.close()
    }

    @Test("A queued request that is cancelled is reported as not processed, and leaves its slot to the next")
    func cancelBeforeItsTurn() async throws {
        let connection = try await connect { $0.backendLimits[0].read = 1 }
        try await connection.send((1...3).map { (id: Int) in describe("wait-\(id)", id: id) + "\n" }.joined())
        await connection.gates.arrival(at: "1")
        try await connection.send(#"{"jsonrpc":"2.0","id":9,"method":"rpc.cancel","params":{"id":2}}"# + "\n")
        let lines = try await connection.write().split(separator: "\n").map(String.init)
        let (id, error) = try failure(lines.first)
        #expect(id == .integer(2))
        #expect(error.code == .cancelled)
        #expect(error.processed == false)
        #expect(lines.last == #"{"jsonrpc":"2.0","id":9,"result":{}}"#)
        for number in [1, 3] {
            connection.gates.open("\(number)")
            #expect(try await connection.write() == described("wait-\(number)", id: number) + "\n")
        }
        #expect(connection.gates.arrivals(at: "2") == 0)
        try await connection.close()
    }

    @Test("Closing cancels requests")
    func close() async throws {
        let connection = try await connect()
        try await connection.send(describe("wait-a", id: 1) + "\n")
        await connection.gates.arrival(at: "a")
        try await connection.close()
        await connection.gates.cancellation(at: "a")
    }

    @Test("Closing leaves nothing behind, watches included", .timeLimit(.minutes(1)))
    func closeAfterWatching() async throws {
        let jobs = ScriptedJobs()
        let connection = try await connect(watches: JobWatches(of: jobs))
        jobs.set("a", .running)
        try await connection.send(
            #"{"method":"Sidecar.WatchJobs","params":{"jobs":[{"family":"RxNormInference","id":"a"}]}}"# + "\n")
        #expect(try await connection.write().contains("running"))
        #expect(connection.budget != nil)
        try await connection.close()
        while connection.budget != nil {
            await connection.channel.testingEventLoop.run()
            await Task.yield()
        }
    }
}
