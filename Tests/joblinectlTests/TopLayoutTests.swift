import Jobline
import Testing

@testable import joblinectl

@Suite("Layout of top")
struct TopLayoutTests {
    private static let now = Timestamp(milliseconds: 1_795_235_608_714)
    private static let times = TimeFormat(isUTC: true)

    private static func snapshot(_ jobs: [Job]) -> TopSnapshot {
        let families = JobFamily.known.map { family in
            Sidecar.FamilyInfo(
                service: family.service ?? "", family: family.rawValue, configured: family != .idMapping, running: 2,
                waiting: 13)
        }
        let info = Sidecar.GetInfoResponse(
            version: "1.2.3", protocolVersion: 1, startTime: Timestamp(milliseconds: 1_795_049_000_000), pid: 4321,
            backends: [:], families: families, limits: [], shadow: false, faults: [])
        let latency = Sidecar.LatencyStatistics(count: 1234, p50: 63, p90: 950, p99: 9_949, p999: 61_000, max: 90_000)
        let statistics = Sidecar.GetStatisticsResponse(
            startTime: Timestamp(milliseconds: 1_795_049_000_000),
            connections: .init(open: 12, accepted: 40, refused: [:], closed: [:]),
            requests: .init(received: 9000, inFlight: 3, waiting: 0, pending: 0, working: 1),
            methods: [
                .init(method: "Personalize.ListBatchSegmentJobs", codes: [:], latency: latency, recent: latency),
                .init(method: "Sidecar.WatchJobs", codes: [:], latency: latency, recent: latency),
                .init(method: "rpc.ping", codes: [:], latency: latency),
            ],
            limits: .init(passed: 0, refused: [:], shadowed: [:]),
            traffic: .init(bytesIn: 0, bytesOut: 0, unsentBytes: 0, heldBytes: 0),
            store: .init(waitingWrites: 0, writes: 0, commits: 0, failedCommits: 0),
            watches: .init(open: 2, jobs: 31, notifications: 77),
            families: families)
        return TopSnapshot(
            time: now, info: info, statistics: statistics, requestRate: 12.34,
            jobs: jobs)
    }

    private static func job(
        _ id: String, _ state: JobState, ago seconds: Int64, progress: Double? = nil, name: String? = nil
    ) -> Job {
        Job(
            reference: JobReference(family: .rxNormInference, id: id), name: name, state: state,
            submitted: Timestamp(milliseconds: now.milliseconds - seconds * 1000), progress: progress)
    }

    @Test("The daemon is above its jobs; jobs that have not ended come first, then the newest")
    func usual() {
        let id = "0123456789abcdef0123456789abcdef"
        let lines = TopLayout(size: .init(columns: 80, rows: 24), colors: false, times: Self.times).lines(
            Self.snapshot([
                Self.job(id, .succeeded, ago: 30), Self.job("2f", .failed, ago: 3), Self.job("3f", .queued, ago: 90),
                Self.job(id, .running, ago: 7200, progress: 0.429),
            ]))
        #expect(
            lines.joined(separator: "\n") == """
                joblined 1.2.3, process 4321, up 2d 3:50:08                 2026-11-21T04:33:28Z
                Requests 12 a second, 3 in flight   Connections 12   Watches 2 of 31 jobs
                BUSIEST METHODS                   CALLS  P50   P99
                Personalize.ListBatchSegmentJobs  1234   63us  9.9ms
                Running/waiting  EntitiesDetectionV2 2/13   PHIDetection 2/13
                                 RxNormInference 2/13   ICD10CMInference 2/13
                                 SNOMEDCTInference 2/13   BatchSegment 2/13
                                 BatchInference 2/13   Matching 2/13

                STATE      DONE  AGE    FAMILY               JOB
                queued           1m     RxNormInference      3f
                running    42%   2h     RxNormInference      0123456789abcdef0123456789abcdef
                failed           3s     RxNormInference      2f
                succeeded        30s    RxNormInference      0123456789abcdef0123456789abcdef
                """)
    }

    @Test(
        "Lines fit the terminal, and names of jobs cannot control it",
        arguments: [(80, 24), (40, 10), (200, 60), (20, 5), (80, 1), (1, 1), (2, 9)])
    func bounds(columns: Int, rows: Int) {
        let name = "日本語\u{1B}[2J\n\u{202E}" + String(repeating: "長い👍", count: 60)
        let jobs = (0..<100).map { Self.job("\(name)\($0)", .running, ago: Int64($0), progress: 1, name: name) }
        var snapshot = Self.snapshot(jobs)
        for problem in [nil, String(repeating: "no daemon ", count: 30)] {
            snapshot.problem = problem
            let lines = TopLayout(size: .init(columns: columns, rows: rows), colors: false, times: Self.times).lines(
                snapshot)
            #expect(lines.count == rows)
            for line in lines {
                #expect(line.columns <= columns, "\(line)")
                #expect(!line.contains { $0 == "\u{1B}" || $0.isNewline })
            }
        }
    }

    @Test("A small terminal mostly shows jobs")
    func small() {
        let jobs = (0..<20).map { Self.job("job\($0)", .queued, ago: Int64($0)) }
        let lines = TopLayout(size: .init(columns: 40, rows: 10), colors: false, times: Self.times).lines(
            Self.snapshot(jobs))
        #expect(
            lines == [
                "joblined 1.2.3, process 4321, up 2d 3:5…", "Requests 12 a second, 3 in flight",
                "Running/waiting  EntitiesDetectionV2 2/…", "", "STATE      DONE  AGE    JOB",
                "queued           0s     job0", "queued           1s     job1", "queued           2s     job2",
                "queued           3s     job3", "queued           4s     job4",
            ])
    }

    @Test("Only states are coloured")
    func colors() throws {
        let snapshot = Self.snapshot([Self.job("1f", .failed, ago: 1)])
        let size = Terminal.Size(columns: 80, rows: 24)
        let plain = TopLayout(size: size, colors: false, times: Self.times).lines(snapshot)
        let colored = TopLayout(size: size, colors: true, times: Self.times).lines(snapshot)
        #expect(try #require(colored.last).hasPrefix("\u{1B}[31mfailed   \u{1B}[0m  "))
        #expect(plain == colored.map { $0.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "") })
    }

    @Test("An unreachable daemon is reported above the last known values")
    func away() {
        var snapshot = Self.snapshot([Self.job("1f", .running, ago: 1)])
        snapshot.problem = "no daemon at /run/jobline/jobline.sock"
        let lines = TopLayout(size: .init(columns: 80, rows: 24), colors: false, times: Self.times).lines(snapshot)
        #expect(lines[1] == "no daemon at /run/jobline/jobline.sock")
        #expect(!lines[0].contains("up "))
        #expect(lines.last?.contains("1f") == true)
        // There are no values before the first reply.
        let first = TopSnapshot(time: Self.now, problem: "no daemon")
        #expect(TopLayout(size: .init(columns: 80, rows: 24), colors: false, times: Self.times).lines(first).count == 2)
    }

    @Test(
        "Ages are short",
        arguments: [(Int64(0), "0s"), (59_999, "59s"), (60_000, "1m"), (172_799_000, "47h"), (172_800_000, "2d")])
    func ages(milliseconds: Int64, text: String) {
        #expect(TopLayout.age(milliseconds) == text)
    }
}
