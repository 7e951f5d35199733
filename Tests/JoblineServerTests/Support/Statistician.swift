import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Asks a server for its statistics over a connection of its own.
struct Statistician {
    private let client: RawClient

    init(_ server: TestServer) async throws { client = try await server.client() }

    func ask() async throws -> Sidecar.GetStatisticsResponse {
        try await client.send("{\"method\":\"Sidecar.GetStatistics\"}\n")
        let line = try #require(await client.line())
        let message = try ServerMessage(Frame(form: .bare, body: ByteBuffer(string: line)))
        guard case .reply(_, .success(let result)) = message else { throw NoResult(line: line) }
        return try Sidecar.GetStatisticsResponse(json: result)
    }

    /// The statistics as soon as nothing is left over but what asks, and `isReached`.
    func calm(
        until isReached: (Sidecar.GetStatisticsResponse) -> Bool = { _ in true }
    ) async throws -> Sidecar.GetStatisticsResponse {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let statistics = try await ask()
            if statistics.isCalm, isReached(statistics) { return statistics }
            guard ContinuousClock.now < deadline else { throw NoResult(line: "\(statistics)") }
        }
    }

    func close() async { await client.close() }

    /// Lets `body` misuse the server, and returns the statistics once nothing of it is left over.
    static func statistics(
        limits: LimitConfiguration = LimitConfiguration(), faults: FaultInjector? = nil,
        clock: MonotonicClock = .continuous,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        until isReached: (Sidecar.GetStatisticsResponse) -> Bool = { _ in true },
        _ body: (TestServer) async throws -> Void
    ) async throws -> Sidecar.GetStatisticsResponse {
        var result: Sidecar.GetStatisticsResponse?
        try await withServer(limits: limits, faults: faults, clock: clock, configure: configure) { server in
            let statistician = try await Statistician(server)
            _ = try await statistician.ask()
            try await body(server)
            result = try await statistician.calm(until: isReached)
            await statistician.close()
        }
        let statistics = try #require(result)
        #expect(statistics.isWhole, "\(statistics)")
        return statistics
    }

    struct NoResult: Error { let line: String }
}

extension Sidecar.GetStatisticsResponse {
    /// Whether nothing is left over but the connection and the request that asks.
    var isCalm: Bool {
        connections.open == 1 && requests.inFlight == 1 && requests.waiting == 0 && requests.working == 1
            && requests.pending == 0 && traffic.unsentBytes == 0 && traffic.heldBytes == 0
    }

    /// Outcomes of the requests of others, by method.
    var outcomes: [String: [String: Int]] {
        var outcomes = Dictionary(uniqueKeysWithValues: methods.map { ($0.method, $0.codes) })
        outcomes["Sidecar.GetStatistics"] = nil
        return outcomes
    }

    /// Whether every request and every connection is counted once.
    var isWhole: Bool {
        let recorded = methods.flatMap(\.codes.values).reduce(0, +)
        return requests.received == recorded + requests.inFlight + requests.waiting
            && connections.accepted == connections.open + connections.closed.values.reduce(0, +)
    }
}
