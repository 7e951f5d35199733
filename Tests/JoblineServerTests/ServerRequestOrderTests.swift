import JoblineProtocol
import Testing

@testable import JoblineServer

/// Order, cancellation and deadlines of requests over a real socket.
@Suite struct ServerRequestOrderTests {
    @Test("Requests with an id overtake one another")
    func outOfOrder() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n" + describe("wait-b", id: 2) + "\n")
            await server.gates.arrival(at: "a")
            await server.gates.arrival(at: "b")
            server.gates.open("b")
            #expect(await client.line() == described("wait-b", id: 2))
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 1))
            await client.close()
        }
    }

    @Test("Requests without an id do not: the second begins when the first is answered")
    func inOrder() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send("\(describe("wait-a"))\n\(describe("wait-b"))\n{\"method\":\"rpc.ping\"}\n")
            await server.gates.arrival(at: "a")
            #expect(server.gates.arrivals(at: "b") == 0)
            server.gates.open("b")
            server.gates.open("a")
            #expect(await client.line() == described("wait-a"))
            #expect(await client.line() == described("wait-b"))
            #expect(await client.line() == pong)
            await client.close()
        }
    }

    @Test("A notification is carried out and not answered")
    func notification() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.sendFramed(describe("wait-a"))
            await server.gates.arrival(at: "a")
            server.gates.open("a")
            try await client.sendFramed(#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#)
            try await client.halfClose()
            #expect(await client.rest() == "36\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n")
        }
    }

    @Test("An id in flight is refused; the first one keeps its reply")
    func duplicate() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1) + "\n" + describe("x", id: 1) + "\n")
            #expect(try failure(await client.line()).error.code == .invalidRequest)
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 1))
            await client.close()
        }
    }

    @Test("One over the window is refused, and a cancel still gets through")
    func window() async throws {
        try await withServer {
            $0.inFlight = 2
        } _: { server in
            let client = try await server.client()
            for id in 1...3 { try await client.send(describe("wait-a", id: id) + "\n") }
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(3))
            #expect(error.code == .tooManyRequests)
            #expect(error.scope == "connection")
            #expect(error.type == "TooManyRequestsException")
            #expect(error.processed == false)
            try await client.send("{\"id\":4,\"method\":\"rpc.cancel\",\"params\":{\"id\":1}}\n")
            #expect(try failure(await client.line()).error.code == .cancelled)
            #expect(await client.line() == #"{"jsonrpc":"2.0","id":4,"result":{}}"#)
            await server.gates.cancellation(at: "a")
            server.gates.open("a")
            #expect(await client.line() == described("wait-a", id: 2))
            await client.close()
        }
    }

    @Test("Cancel before, during, twice, after, of strings and of ids that are not there")
    func cancel() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send("{\"method\":\"rpc.cancel\",\"params\":{\"id\":\"a\"}}\n")
            #expect(await client.line() == pong)
            let request = describe("wait-a").replacing(#""method""#, with: #""id":"a","method""#)
            try await client.send(request + "\n")
            await server.gates.arrival(at: "a")
            // The number and the string are different ids; a notification has no reply.
            try await client.sendFramed(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}}"#)
            try await client.sendFramed(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":"a"}}"#)
            try await client.sendFramed(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":"a"}}"#)
            let (id, error) = try failure(await client.line())
            #expect(id == .string("a"))
            #expect(error.code == .cancelled)
            await server.gates.cancellation(at: "a")
            try await client.send(describe("x", id: 2) + "\n")
            #expect(await client.line() == described("x", id: 2))
            try await client.send("{\"method\":\"rpc.cancel\",\"params\":{\"id\":2}}\n")
            try await client.halfClose()
            #expect(await client.rest() == pong + "\n")
        }
    }

    @Test("A deadline that passes is answered 504 once, and the work behind it stops")
    func deadline() async throws {
        try await withServer { server in
            let client = try await server.client()
            try await client.send(describe("wait-a", id: 1, timeout: 1) + "\n")
            let (id, error) = try failure(await client.line())
            #expect(id == .integer(1))
            #expect(error.code == .deadlineExceeded)
            #expect(error.processed == nil)
            await server.gates.cancellation(at: "a")
            try await client.halfClose()
            #expect(await client.rest() == "")
        }
    }

    @Test("A deadline that passes in the queue is answered in its place, as not processed")
    func deadlineInQueue() async throws {
        try await withServer { server in
            let client = try await server.client()
            let first = describe("wait-a").replacing(#""method""#, with: #""timeoutMs":300000,"method""#)
            try await client.send(first + "\n" + describe("wait-b", timeout: 1) + "\n")
            try await client.send(describe("wait-c", id: 3, timeout: 2) + "\n")
            // When the later deadline has passed, so has the earlier one.
            #expect(try failure(await client.line()).id == .integer(3))
            server.gates.open("a")
            #expect(await client.line() == described("wait-a"))
            let (_, error) = try failure(await client.line())
            #expect(error.code == .deadlineExceeded)
            #expect(error.processed == false)
            #expect(server.gates.arrivals(at: "b") == 0)
            await client.close()
        }
    }

    @Test("A closed connection cancels its own work and no other's")
    func closeCancels() async throws {
        try await withServer { server in
            let (first, second) = (try await server.client(), try await server.client())
            try await first.send(describe("wait-a", id: 1) + "\n")
            try await second.send(describe("wait-b", id: 1) + "\n")
            await server.gates.arrival(at: "a")
            await server.gates.arrival(at: "b")
            await first.close()
            await server.gates.cancellation(at: "a")
            server.gates.open("b")
            #expect(await second.line() == described("wait-b", id: 1))
            await second.close()
        }
    }
}
