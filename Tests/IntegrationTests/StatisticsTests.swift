import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests the statistics of a real daemon.
@Suite("Statistics", .timeLimit(.minutes(2)))
struct StatisticsTests {
    private static let list = "ComprehendMedical.ListRxNormInferenceJobs"
    /// Every list takes so long that only a cancellation or the end of the connection ends it.
    private static let settings = "faults: {slow: {methods: \(list), delayMilliseconds: 250000}}"

    /// A connection that does what no client should.
    private struct RawSocket {
        let descriptor: CInt

        init(path: String) throws {
            descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let result = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(result == 0)
        }

        func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, CInt(MSG_NOSIGNAL)) }
        func halfClose() { shutdown(descriptor, CInt(SHUT_WR)) }
        func close() { _ = Glibc.close(descriptor) }
    }

    /// Asks until something is reached.
    private func statistics(
        _ client: JoblineClient, until isReached: (Sidecar.GetStatisticsResponse) -> Bool
    ) async throws -> Sidecar.GetStatisticsResponse {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let statistics = try await client.sidecar.getStatistics()
            if isReached(statistics) { return statistics }
            try #require(ContinuousClock.now < deadline, "\(statistics)")
        }
    }

    private func isCalm(_ statistics: Sidecar.GetStatisticsResponse) -> Bool {
        statistics.connections.open == 1 && statistics.requests.inFlight == 1 && statistics.requests.waiting == 0
            && statistics.requests.working == 1 && statistics.traffic.unsentBytes == 0
            && statistics.requests.pending == 0 && statistics.traffic.heldBytes == 0
            && statistics.store.waitingWrites == 0
    }

    @Test("Each request is counted once, and open counters return to the reader's own request")
    func hostile() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.settings) { daemon in
                try await daemon.client { client in
                    _ = try await statistics(client) { $0.connections.open == 1 }

                    // Disconnects with fifty requests in flight and two queued.
                    let busy = try RawSocket(path: daemon.socket)
                    for id in 1...50 { busy.send("{\"id\":\(id),\"method\":\"\(Self.list)\"}\n") }
                    for _ in 1...3 { busy.send("{\"method\":\"\(Self.list)\"}\n") }
                    _ = try await statistics(client) { $0.requests.inFlight == 52 && $0.requests.waiting == 2 }
                    busy.close()

                    let web = try RawSocket(path: daemon.socket)
                    web.send("GET / HTTP/1.1\r\n\r\n")
                    web.halfClose()
                    let rude = try RawSocket(path: daemon.socket)
                    rude.send("{nonsense}\n{\"method\":\"No.Such\"}\n{\"method\":\"rpc.ping\"}\n1000\n{")
                    rude.halfClose()
                    // Never reads; requests more than the kernel buffers, but less than makes a slow consumer.
                    let deaf = try RawSocket(path: daemon.socket)
                    for _ in 1...4 { deaf.send("{\"method\":\"rpc.discover\"}\n") }
                    let mute = try RawSocket(path: daemon.socket)
                    _ = try await statistics(client) { $0.connections.accepted == 6 && $0.traffic.unsentBytes > 0 }
                    for socket in [web, rude, deaf, mute] { socket.close() }

                    let end = try await statistics(client, until: isCalm)
                    var codes = Dictionary(uniqueKeysWithValues: end.methods.map { ($0.method, $0.codes) })
                    #expect(codes[Self.list] == ["lost": 53])
                    #expect(codes["unknown"] == ["-32700": 1, "-32601": 1])
                    #expect(codes["rpc.ping"] == ["ok": 1])
                    #expect(codes["rpc.discover"]?.values.reduce(0, +) == 4)
                    #expect(end.connections.closed == ["peer": 3, "broken-frame": 2])
                    let counted = codes.values.flatMap(\.values).reduce(0, +)
                    #expect(end.requests.received == counted + 1)
                    codes["Sidecar.GetStatistics"] = nil
                    #expect(end.limits.passed > 53)
                    #expect(end.families?.count == 9)
                    #expect(end.startTime.milliseconds > 1_700_000_000_000)
                }
            }
        }
    }

    @Test("joblinectl shows the statistics, and its exit status is the daemon's health")
    func commands() async throws {
        try await TestDirectory.with { directory in
            func joblinectl(_ words: String..., at daemon: DaemonProcess) async throws -> Command.Outcome {
                try await Command.run(
                    try Project.program("joblinectl"), words, environment: ["JOBLINE_SOCKET": daemon.socket])
            }
            try await DaemonProcess.with(in: directory) { daemon in
                let health = try await joblinectl("health", at: daemon)
                #expect(health.status == .exited(2))
                #expect(health.error.hasPrefix("joblinectl: the daemon is degraded: executors (no executor"))
                #expect(health.error.split(separator: "\n").count == 1)
                #expect(health.output.hasPrefix("degraded\n"))
                let json = try await joblinectl("health", "--json", at: daemon)
                #expect(json.output.hasPrefix("{\"status\":\"degraded\",\"checks\":["))
            }
            let settings = "executors: {rxNormInference: {command: [\"true\"]}}"
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let health = try await joblinectl("health", at: daemon)
                #expect(health.status == .exited(0), "\(health.output)\(health.error)")
                #expect(health.error.isEmpty)
                let statistics = try await joblinectl("statistics", at: daemon)
                #expect(statistics.status == .exited(0), "\(statistics.error)")
                #expect(statistics.output.contains(" executing, 0 waiting, "))
                #expect(statistics.output.contains("\n  GetHealth "))
                let json = try await joblinectl("statistics", "--json", at: daemon)
                #expect(json.output.contains("\"inFlight\":"))
            }
        }
    }
}
