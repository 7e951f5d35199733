import Glibc
import TestSupport

/// Carries out the steps of one vector, cut in one way, and tells the first thing that is not as it should be.
struct VectorRun {
    let vector: Vector
    let cut: VectorCut
    /// Path of the server's socket.
    let socket: String
    /// Sends a signal to the server.
    let signal: (String) -> Void

    private var connections: [String: VectorConnection] = [:]
    private var retryAfterMilliseconds = 0

    init(_ vector: Vector, _ cut: VectorCut, socket: String, signal: @escaping (String) -> Void) {
        self.vector = vector
        self.cut = cut
        self.socket = socket
        self.signal = signal
    }

    /// Default timeout of a vector.
    private static let defaultTimeout = 30_000

    private static let ping: [UInt8] = {
        let body = "{\"jsonrpc\":\"2.0\",\"id\":\"end of vector\",\"method\":\"rpc.ping\"}"
        return Array("\(body.utf8.count)\n\(body)\n".utf8)
    }()

    /// - Returns: What went wrong; nil if all is well.
    mutating func failure() -> String? {
        var place = "before the first step"
        do {
            for (index, step) in (vector.content["steps"]?.array ?? []).enumerated() {
                place = "step \(index + 1)"
                try perform(step)
            }
            guard vector.isSurvivable else { return nil }
            place = "the ping at the end"
            let connection = try connection("main")
            _ = try connection.send(Self.ping[...], until: deadline(nil))
            try expect(
                ReplyPattern.list([
                    .object(["framed": .object(["id": .string("end of vector"), "result": .object([:])])])
                ]), inAnyOrder: false, from: connection, until: deadline(nil))
            return nil
        } catch {
            return "\(vector.name), \(cut), \(place): \(error)"
        }
    }

    private mutating func perform(_ step: JSONValue) throws {
        let connection = try connection(step["on"]?.string ?? "main")
        let deadline = deadline(step["withinMs"]?.integer)
        if let bytes = step["send"] {
            for piece in cut.pieces(of: try VectorBytes.expand(bytes)) {
                guard try connection.send(piece, until: deadline) else { throw TestFailure("the server does not read") }
            }
        } else if let replies = step["expect"]?.array {
            try expect(
                ReplyPattern.list(replies), inAnyOrder: step["order"] == .string("any"), from: connection,
                until: deadline)
        } else if let bytes = step["flood"] {
            guard try connection.flood(VectorBytes.expand(bytes), until: deadline) else {
                throw TestFailure("the server goes on reading, or keeps the connection")
            }
        } else if step["closed"] != nil {
            try expectEnd(of: connection, until: deadline)
        } else if step["halfClose"] != nil {
            connection.halfClose()
        } else if step["hangUp"] != nil {
            connections[step["on"]?.string ?? "main"] = nil
        } else if let milliseconds = step["pauseMs"]?.integer {
            usleep(UInt32(milliseconds) * 1000)
        } else if step["pauseFor"] == .string("retryAfterMs") {
            usleep(UInt32(retryAfterMilliseconds) * 1000)
        } else if let name = step["signal"]?.string {
            signal(name)
        } else if step["open"] == nil {
            throw TestFailure("unknown step \(step)")
        }
    }

    private mutating func connection(_ name: String) throws -> VectorConnection {
        if let connection = connections[name] { return connection }
        let connection = try VectorConnection(to: socket)
        connections[name] = connection
        return connection
    }

    private func deadline(_ milliseconds: Int?) -> ContinuousClock.Instant {
        .now.advanced(by: .milliseconds(milliseconds ?? Self.defaultTimeout))
    }

    private mutating func expect(
        _ patterns: [ReplyPattern], inAnyOrder: Bool, from connection: VectorConnection,
        until deadline: ContinuousClock.Instant
    ) throws {
        var missing = patterns
        while let first = missing.first {
            switch try connection.next(until: deadline) {
            case .silence: throw TestFailure("nothing came; expected \(first)")
            case .end: throw TestFailure("the server closed; expected \(first)")
            case .message(let form, let object, let text):
                retryAfterMilliseconds =
                    object["error"]?["data"]?["retryAfterMs"]?.integer ?? retryAfterMilliseconds
                let candidates = inAnyOrder ? missing.indices : 0..<1
                if let found = candidates.first(where: { missing[$0].mismatch(form: form, object) == nil }) {
                    missing.remove(at: found)
                } else {
                    throw TestFailure(
                        "\(first.mismatch(form: form, object) ?? "nothing fits"); expected \(first), came \(text.prefix(500))"
                    )
                }
            }
        }
    }

    private func expectEnd(of connection: VectorConnection, until deadline: ContinuousClock.Instant) throws {
        switch try connection.next(until: deadline) {
        case .end: break
        case .silence: throw TestFailure("the server keeps the connection open")
        case .message(_, _, let text): throw TestFailure("expected the end, came \(text.prefix(500))")
        }
    }
}
