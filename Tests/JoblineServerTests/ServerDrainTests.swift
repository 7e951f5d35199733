import Glibc
import JoblineProtocol
import Logging
import NIOPosix
import Testing

@testable import JoblineServer

/// Tests the drain of a server.
@Suite struct ServerDrainTests {
    private static let notice = #"{"jsonrpc":"2.0","method":"Sidecar.Draining","params":{}}"#

    @Test("A drain notifies and closes an idle connection, and removes the socket")
    func idle() async throws {
        try await withServer {
            $0.drainTimeout = .seconds(60)
        } _: { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await client.line() == pong)
            server.server.drain()
            #expect(await client.line() == Self.notice)
            #expect(await client.rest() == "")
            #expect(access(server.path, F_OK) != 0)
        }
    }

    @Test("A drain finishes requests in flight, refuses new ones, then notifies and closes")
    func busy() async throws {
        try await withServer {
            $0.drainTimeout = .seconds(60)
        } _: { server in
            let (busy, idle) = (try await server.client(), try await server.client())
            try await busy.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            try await idle.send("{\"method\":\"rpc.ping\"}\n")
            #expect(await idle.line() == pong)
            server.server.drain()
            #expect(await idle.line() == Self.notice)
            // The connection is served until the drain reaches it.
            var line: String?
            repeat {
                try await busy.send(describe("x", id: 2) + "\n")
                line = await busy.line()
            } while line == described("x", id: 2)
            let (id, error) = try failure(line)
            #expect(id == .integer(2))
            #expect(error.code == .unavailable)
            #expect(error.type == "ServiceUnavailableException")
            #expect(error.retryable == true)
            #expect(error.processed == false)
            server.gates.open("a")
            #expect(await busy.line() == described("wait-a", id: 1))
            #expect(await busy.line() == Self.notice)
            #expect(await busy.rest() == "")
        }
    }

    @Test("After the drain timeout requests in flight are answered and cancelled")
    func timeout() async throws {
        try await withServer {
            $0.drainTimeout = .milliseconds(1)
        } _: { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            server.server.drain()
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .unavailable)
            #expect(error.processed == nil)
            await server.gates.cancellation(at: "a")
            #expect(await client.line() == Self.notice)
            #expect(await client.rest() == "")
        }
    }

    @Test("Cancelling the server's task ends it")
    func cancelled() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let server = try Server(
            configuration: ServerConfiguration(), listener: UnixListener.bind(path: directory.path + "/s"),
            limits: .init(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            services: { rpc, _ in ScriptedServices(gates: Gates()).services(rpc: rpc) })
        let running = Task { try await server.run() }
        running.cancel()
        try await running.value
        #expect(access(directory.path + "/s", F_OK) != 0)
        await #expect(throws: ServerError.self) { try await server.run() }
        await #expect(throws: ServerError.self) { try await server.ping() }
    }

    @Test("An inherited socket is kept, and the next instance serves clients that connect during the drain")
    func inherited() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.path + "/s"
        let maker = try UnixListener.bind(path: path)
        let descriptor = try #require(maker.take())
        defer { Glibc.close(descriptor) }

        func instance(_ name: String) throws -> (Server, Task<Void, any Error>) {
            var configuration = ServerConfiguration()
            configuration.backends = ["Personalize": name]
            let server = try Server(
                configuration: configuration, listener: UnixListener.inherited(dup(descriptor)),
                limits: .init(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                services: { rpc, _ in ScriptedServices(gates: Gates()).services(rpc: rpc) })
            return (server, Task { try await server.run() })
        }

        let hello = "{\"method\":\"rpc.hello\"}\n"
        let (first, firstRun) = try instance("first")
        let early = try await RawClient.connect(to: path)
        try await early.send(hello)
        #expect(await early.line()?.contains("first") == true)
        first.drain()
        try await firstRun.value
        #expect(await early.line() == Self.notice)

        let late = try await RawClient.connect(to: path)
        try await late.send(hello)
        let (second, secondRun) = try instance("second")
        #expect(await late.line()?.contains("second") == true)
        second.drain()
        try await secondRun.value
    }

    @Test("An error names the number out of range")
    func configuration() throws {
        let changes: [(String, (inout ServerConfiguration) -> Void)] = [
            ("inFlight", { $0.inFlight = 0 }), ("requestBytes", { $0.requestBytes = 10_000_000 }),
            ("hardOutputBytes", { $0.hardOutputBytes = $0.softOutputBytes - 1 }),
            ("drainTimeout", { $0.drainTimeout = .zero }), ("connections", { $0.connections = -1 }),
        ]
        for (name, change) in changes {
            var configuration = ServerConfiguration()
            change(&configuration)
            let error = #expect(throws: ServerError.self) { try configuration.validate() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(name) == true)
        }
        try ServerConfiguration().validate()
    }
}
