import GRDB
import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Lists of Comprehend Medical jobs", .timeLimit(.minutes(1)))
struct ComprehendMedicalListTests {
    private let bench: Bench

    init() throws {
        let script = CompleteExecutor.script
        bench = try Bench(scripts: [.rxNormInference: script, .entitiesDetectionV2: script])
    }

    @Test("Lists are newest first, oldest first with SubmitTimeBefore; bounds are exclusive, and ids break ties")
    func order() async throws {
        let backend = try bench.open()
        var times: [Timestamp] = []
        var ids: [String] = []
        for number in 0..<6 {
            // Two jobs at each time.
            if number.isMultiple(of: 2) { bench.clock.advance(milliseconds: 1) }
            times.append(bench.clock.now())
            ids.append(try await bench.start(backend, .rxNormInference, bench.request(name: "n\(number % 3)")))
        }
        #expect(try await bench.list(backend).ids == ids.reversed())
        #expect(try await bench.list(backend, .init(submitTimeBefore: times[4])).ids == Array(ids[0..<4]))
        #expect(try await bench.list(backend, .init(submitTimeAfter: times[1])).ids == ids[2...].reversed())
        #expect(try await bench.list(backend, .init(jobName: "n1")).ids == [ids[4], ids[1]])
        try await bench.stop(backend, ids[3])
        #expect(try await bench.list(backend, .init(jobStatus: .stopRequested)).ids == [ids[3]])
        #expect(try await bench.list(backend, .init(jobStatus: .failed)).ids.isEmpty)
    }

    @Test("Pages show each old job once, whatever is inserted between them")
    func pages() async throws {
        let backend = try bench.open()
        var ids: [String] = []
        for _ in 0..<25 {
            ids.append(try await bench.start(backend))
            bench.clock.advance(milliseconds: 1)
        }
        var seen: [String] = []
        var token: String?
        repeat {
            let page = try await bench.list(backend, token: token, most: 4)
            #expect(page.ids.count <= 4)
            seen += page.ids
            token = page.token
            _ = try await bench.start(backend)
        } while token != nil
        #expect(seen == ids.reversed())
    }

    @Test("The last page has no token")
    func lastPage() async throws {
        let backend = try bench.open()
        for _ in 0..<4 { _ = try await bench.start(backend) }
        #expect(try await bench.list(backend, most: 4).token == nil)
        #expect(try await bench.list(backend, most: 3).token != nil)
        #expect(try await bench.list(backend).ids.count == 4)
    }

    @Test("List and describe show the same of a job, with and without prepared details")
    func listed() async throws {
        let backend = try bench.open()
        var plain = bench.request(input: "\u{e9}t\u{e9} \"\\\n", name: "J\u{fc}ly")
        plain.kmsKey = "k"
        var bare = bench.request()
        bare.inputDataConfig.s3Key = nil
        for request in [plain, bare] {
            let id = try await bench.start(backend, .rxNormInference, request)
            if request == bare { try await bench.stop(backend, id) }
        }
        func check() async throws {
            let shown = try await backend.comprehendMedical.listJobs(
                .rxNormInference, .init(), context: bench.context
            ).decoded()
            #expect(shown.jobPropertiesList?.count == 2)
            for job in shown.jobPropertiesList ?? [] {
                #expect(try await bench.describe(backend, #require(job.jobID)) == job)
            }
        }
        try await check()
        try await backend.sqlite.pool.write { try $0.execute(sql: "UPDATE job SET listed = NULL") }
        try await check()
    }

    @Test("A page has 100 jobs by default")
    func defaultPage() async throws {
        let backend = try bench.open()
        for _ in 0..<101 { _ = try await bench.start(backend) }
        let page = try await bench.list(backend)
        #expect(page.ids.count == 100)
        #expect(try await bench.list(backend, token: page.token).ids.count == 1)
    }

    @Test("Page tokens survive a restart, and are refused by every other list")
    func tokens() async throws {
        var token: String?
        do {
            let backend = try bench.open()
            for _ in 0..<3 { _ = try await bench.start(backend, .rxNormInference, bench.request(name: "a")) }
            token = try await bench.list(backend, .init(jobName: "a"), most: 1).token
        }
        let backend = try bench.open()
        #expect(try await bench.list(backend, .init(jobName: "a"), token: token, most: 1).ids.count == 1)
        for filter: ComprehendMedical.JobFilter? in [nil, .init(jobName: "b"), .init(jobStatus: .submitted)] {
            #expect(await refusal { _ = try await bench.list(backend, filter, token: token) }?.code == .invalidToken)
        }
        let family = await refusal {
            _ = try await bench.list(backend, .init(jobName: "a"), token: token, family: .entitiesDetectionV2)
        }
        #expect(family?.code == .invalidToken && family?.path == "NextToken")
        #expect(await refusal { _ = try await bench.list(backend, token: "nonsense") }?.code == .invalidToken)
        let personalize = await refusal {
            _ = try await backend.personalize.listBatchSegmentJobs(.init(nextToken: token), context: bench.context)
        }
        #expect(personalize?.code == .invalidToken)
    }
}
