import Jobline
import Testing

@testable import joblinectl

@Suite("Statistics report")
struct StatisticsReportTests {
    private static func statistics() -> Sidecar.GetStatisticsResponse {
        let latency = Sidecar.LatencyStatistics(
            count: 1_234_567, p50: 63, p90: 950, p99: 9_949, p999: 61_000, max: 2_000_000)
        return Sidecar.GetStatisticsResponse(
            startTime: Timestamp(milliseconds: 1_795_235_608_714),
            connections: .init(
                open: 12, accepted: 345_678, refused: ["total": 3], closed: ["peer": 345_663, "drain": 3]),
            requests: .init(received: 9_876_543, inFlight: 3, waiting: 1, pending: 1, working: 4),
            methods: [
                .init(
                    method: "ComprehendMedical.DescribeEntitiesDetectionV2Job",
                    codes: ["ok": 1_234_000, "404": 560, "lost": 7], latency: latency, recent: latency),
                .init(method: "rpc.ping", codes: ["ok": 1], latency: latency),
                .init(method: "unknown", codes: ["-32601": 2]),
            ],
            limits: .init(passed: 9_000_000, refused: ["client": 20, "method": 1], shadowed: [:]),
            traffic: .init(bytesIn: 123_456_789_012, bytesOut: 223_456_789_012, unsentBytes: 0, heldBytes: 65536),
            store: .init(
                waitingWrites: 2, writes: 800_000, commits: 50_000, failedCommits: 0, lastCommitMicroseconds: 2_166),
            watches: .init(open: 3, jobs: 2010, notifications: 4012),
            families: [
                .init(service: "Personalize", family: "BatchSegment", configured: true, running: 1, waiting: 2),
                .init(service: "Personalize", family: "BatchInference", configured: true, running: 0, waiting: 0),
            ])
    }

    @Test("The report fits 80 columns and omits empty parts")
    func report() {
        let text = StatisticsReport(Self.statistics(), TimeFormat(isUTC: true)).text(width: 80)
        #expect(
            text == """
                Since        2026-11-21T04:33:28Z
                Connections  12 open, 345678 accepted, 3 refused (3 total)
                Closed       3 drain, 345663 peer
                Requests     3 in flight, 4 executing, 2 waiting, 9876543 received
                Limits       9000000 passed, 21 refused (20 client, 1 method)
                Watches      3 open, 2010 jobs, 4012 notifications
                Bytes        0 unsent, 65536 held, 123456789012 in, 223456789012 out
                Store        2 writes waiting, 800000 written in 50000 commits
                Last commit  2.2ms

                SINCE START                       CALLS    P50   P90    P99    P99.9  MAX
                ComprehendMedical
                  DescribeEntitiesDetectionV2Job  1234567  63us  950us  9.9ms  61ms   2.0s
                rpc
                  ping                            1234567  63us  950us  9.9ms  61ms   2.0s

                CURRENT AND PREVIOUS MINUTE       CALLS    P50   P90    P99    P99.9  MAX
                ComprehendMedical
                  DescribeEntitiesDetectionV2Job  1234567  63us  950us  9.9ms  61ms   2.0s

                FAILED                                            CODE    CALLS
                ComprehendMedical.DescribeEntitiesDetectionV2Job  404     560
                ComprehendMedical.DescribeEntitiesDetectionV2Job  lost    7
                unknown                                           -32601  2

                JOBS                      RUNNING  WAITING
                Personalize.BatchSegment  1        2
                """)
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test("A daemon without requests only has the record")
    func empty() {
        var statistics = Self.statistics()
        statistics.methods = []
        statistics.families = nil
        let text = StatisticsReport(statistics, TimeFormat(isUTC: true)).text(width: 80)
        #expect(text.hasSuffix("Last commit  2.2ms"))
    }

    @Test(
        "Durations use the unit that fits",
        arguments: [
            (0, "0us"), (999, "999us"), (1000, "1.0ms"), (9_949, "9.9ms"), (9_960, "10ms"), (999_499, "999ms"),
            (999_500, "1.0s"), (300_000_000, "300s"),
        ])
    func durations(microseconds: Int, text: String) {
        #expect(StatisticsReport.duration(microseconds) == text)
    }

    @Test("Health in one line names the failed checks, and is nil if all passed")
    func health() {
        var health = Sidecar.GetHealthResponse(
            status: .degraded,
            checks: [
                .init(name: "store-read", ok: true), .init(name: "disk", ok: false, detail: "0 MiB are free"),
                .init(name: "store-write", ok: false),
            ])
        #expect(HealthCommand.problem(health) == "the daemon is degraded: disk (0 MiB are free), store-write")
        #expect(
            HealthCommand.text(health, width: 80) == """
                degraded

                CHECK        PASSED  FOUND
                store-read   yes
                disk         NO      0 MiB are free
                store-write  NO
                """)
        health = .init(status: .ok, checks: [.init(name: "disk", ok: true)])
        #expect(HealthCommand.problem(health) == nil)
        health = .init(status: .draining, checks: [])
        #expect(HealthCommand.problem(health) == "the daemon is draining")
    }
}
