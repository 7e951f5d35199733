internal import Foundation

/// Starts what joblined is compared with, each with the same jobs.
struct Peers {
    /// The executable of that name.
    let program: String
    let directory: Directory
    /// Replies of the daemon to a describe, by id.
    private let answers: [String]
    private let ids: [String]

    /// Asks a daemon for all of its jobs.
    init(program: String, in directory: Directory, like daemon: Daemon, _ ids: [String]) throws {
        self.program = program
        self.directory = directory
        self.ids = ids
        let connection = try Connection(to: daemon.socket)
        defer { connection.close() }
        answers = try ids.map { id in
            let reply = try connection.ask(ScaleStore.describe(id))
            return String(decoding: reply.bytes.dropFirst(Connection.success.count).dropLast(), as: UTF8.self)
        }
    }

    /// The daemon itself.
    func jobline(_ daemon: Daemon) -> Peer { Peer(kind: .jobline, server: daemon.process, requests: .describe(ids)) }

    /// The median of the bytes of an answer.
    var answerBytes: Int { answers.map(\.utf8.count).median ?? 0 }

    /// Runs all that there are while `body` runs.
    func with<Value: Sendable>(_ body: ([Peer]) async throws -> Value) async throws -> Value {
        let jobs = try directory.write(answers.joined(separator: "\n"), to: "jobs")
        let paths = LoadRequests.http(ids.map { "/jobs/\($0)" })
        let calls = LoadRequests.grpc("/Jobs/Describe", ids)
        return try await canned(.epoll, "epoll") { epoll in
            try await floor { floor in
                try await serving(jobs, .http, "http", paths) { http in
                    try await serving(jobs, .grpc, "grpc", calls) { grpc in
                        guard let redis = Self.find("redis-server") else {
                            note("there is no redis-server in PATH")
                            return try await body([epoll, floor, http, grpc])
                        }
                        return try await self.redis(redis) { try await body([epoll, floor, $0, http, grpc]) }
                    }
                }
            }
        }
    }

    /// Runs the floor alone while `body` runs.
    func floor<Value: Sendable>(_ body: (Peer) async throws -> Value) async throws -> Value {
        try await canned(.floor, "floor", body)
    }

    private func canned<Value: Sendable>(
        _ kind: Peer.Kind, _ command: String, _ body: (Peer) async throws -> Value
    ) async throws -> Value {
        // Same length as the daemon's frame, whose id has as many digits.
        let bytes = String(answerBytes + #"{"jsonrpc":"2.0","id":1000,"result":}"#.utf8.count)
        return try await run(command, program, [command, "--bytes", bytes, "--socket"]) {
            try await body(Peer(kind: kind, server: $0, requests: .describe(ids)))
        }
    }

    /// - Parameter jobs: The path of a file with the jobs that the server is to have, one on each line.
    private func serving<Value: Sendable>(
        _ jobs: String, _ kind: Peer.Kind, _ command: String, _ requests: LoadRequests,
        _ body: (Peer) async throws -> Value
    ) async throws -> Value {
        try await run(command, program, [command, "--jobs", jobs, "--socket"]) {
            try await body(Peer(kind: kind, server: $0, requests: requests))
        }
    }

    private func redis<Value: Sendable>(
        _ program: String, _ body: (Peer) async throws -> Value
    ) async throws -> Value {
        let inMemory = ["--port", "0", "--save", "", "--appendonly", "no", "--dir", directory.path, "--unixsocket"]
        return try await run("redis", program, inMemory) { server in
            let values = LoadRequests.redis(zip(ids, answers).map { ["SET", $0, $1] })
            try LoadGenerator(to: server.socket, values, connections: 1, depth: 32).warmUp(ids.count)
            return try await body(Peer(kind: .redis, server: server, requests: .redis(ids.map { ["GET", $0] })))
        }
    }

    /// - Parameter arguments: Their last is an option whose value is the socket.
    private func run<Value: Sendable>(
        _ name: String, _ program: String, _ arguments: [String], _ body: (ServerProcess) async throws -> Value
    ) async throws -> Value {
        let socket = directory.appending("\(name).socket")
        return try await ServerProcess.with(
            program, arguments + [socket], socket: socket, log: directory.appending("\(name).log"), body)
    }

    private static func find(_ program: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
