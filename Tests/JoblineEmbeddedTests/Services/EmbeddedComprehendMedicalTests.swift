import GRDB
import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Comprehend Medical, embedded", .timeLimit(.minutes(1)))
struct EmbeddedComprehendMedicalTests {
    private let bench: Bench

    init() throws {
        let script = CompleteExecutor.script
        bench = try Bench(scripts: [.rxNormInference: script, .entitiesDetectionV2: script])
    }

    private func list(
        _ backend: EmbeddedBackend, _ filter: ComprehendMedical.JobFilter? = nil, token: String? = nil,
        most: Int? = nil, family: ComprehendMedical.Family = .rxNormInference
    ) async throws -> (ids: [String], token: String?) {
        let request = ComprehendMedical.ListJobsRequest(filter: filter, nextToken: token, maxResults: most)
        let response = try await backend.comprehendMedical.listJobs(family, request, context: bench.context).decoded()
        return ((response.jobPropertiesList ?? []).compactMap(\.jobID), response.nextToken)
    }

    @Test("A started job is described as it was asked for")
    func describe() async throws {
        let backend = try bench.open()
        var request = bench.request(output: nil, name: "June", token: "t-1")
        request.inputDataConfig.s3Key = nil
        request.kmsKey = "key"
        let id = try await bench.start(backend, .entitiesDetectionV2, request)
        let job = try await bench.describe(backend, id, .entitiesDetectionV2)
        let submitted = bench.clock.now()
        #expect(
            job
                == ComprehendMedical.JobProperties(
                    jobID: id, jobName: "June", jobStatus: .submitted, submitTime: submitted,
                    expirationTime: Timestamp(milliseconds: (submitted.milliseconds / 1000 + 120 * 86_400) * 1000),
                    inputDataConfig: .init(s3Bucket: "notes", s3Key: ""),
                    outputDataConfig: .init(s3Bucket: "results", s3Key: "123456789012-EntitiesDetection-\(id)/"),
                    languageCode: .en, dataAccessRoleARN: request.dataAccessRoleARN, kmsKey: "key"))
    }

    @Test("A family without an executor says which key is missing")
    func noExecutor() async throws {
        let backend = try bench.open()
        let error = await refusal { _ = try await bench.start(backend, .snomedctInference) }
        #expect(error?.code == .invalid)
        #expect(
            error?.message
                == "no executor for SNOMEDCTInference: set executors.snomedctInference.command in the configuration")
        #expect(error?.processed == false)
    }

    @Test("Keys that could lead out are refused by the member's name", arguments: ["../x", "a//b", "/../a"])
    func keys(_ key: String) async throws {
        let backend = try bench.open()
        let input = await refusal { _ = try await bench.start(backend, .rxNormInference, bench.request(input: key)) }
        #expect(input?.code == .invalid && input?.path == "InputDataConfig.S3Key")
        let output = await refusal { _ = try await bench.start(backend, .rxNormInference, bench.request(output: key)) }
        #expect(output?.code == .invalid && output?.path == "OutputDataConfig.S3Key")
    }

    @Test("Keys may begin with a slash, and are shown as they were given")
    func leadingSlash() async throws {
        let job = try await finished("/june", output: "/out")
        #expect(job.jobStatus == .completed)
        #expect(job.inputDataConfig?.s3Key == "/june")
        let id = try #require(job.jobID)
        #expect(job.outputDataConfig?.s3Key == "/out/123456789012-RxNormInference-\(id)/")
        #expect(bench.sandbox.exists(bench.output(id) + "/Manifest"))
    }

    private func finished(_ input: String, output: String) async throws -> ComprehendMedical.JobProperties {
        try await bench.finished(bench.request(input: input, output: output))
    }

    @Test("An output that could not be shown with the job's directory is refused")
    func longOutput() async throws {
        let backend = try bench.open()
        let directory = "123456789012-RxNormInference-/".count + 32
        let fits = String(repeating: "x/", count: (1024 - directory) / 2)
        let id = try await bench.start(backend, .rxNormInference, bench.request(output: fits))
        #expect(try await bench.describe(backend, id).outputDataConfig?.s3Key?.count == 1024)
        let error = await refusal {
            _ = try await bench.start(backend, .rxNormInference, bench.request(output: "xx" + fits))
        }
        #expect(error?.code == .invalid && error?.path == "OutputDataConfig.S3Key")
    }

    @Test("Families are disjoint")
    func disjoint() async throws {
        let backend = try bench.open()
        let id = try await bench.start(backend)
        let describe = await refusal { _ = try await bench.describe(backend, id, .entitiesDetectionV2) }
        #expect(describe?.code == .notFound)
        let stop = await refusal {
            _ = try await backend.comprehendMedical.stopJob(
                .snomedctInference, .init(jobID: id), context: bench.context)
        }
        #expect(stop?.code == .notFound)
        #expect(try await list(backend, family: .entitiesDetectionV2).ids.isEmpty)
    }

    // MARK: Tokens of requests

    @Test("The same request with the same token, 50 times at once, is one job")
    func idempotency() async throws {
        let backend = try bench.open()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await bench.start(backend, .rxNormInference, bench.request(token: "one")) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await list(backend).ids == Array(ids))
    }

    @Test("The same token with another request is refused; in another family it is another token")
    func tokenTaken() async throws {
        let backend = try bench.open()
        let first = try await bench.start(backend, .rxNormInference, bench.request(token: "one"))
        let error = await refusal {
            _ = try await bench.start(backend, .rxNormInference, bench.request(name: "other", token: "one"))
        }
        #expect(error?.code == .invalid && error?.path == "ClientRequestToken")
        let other = try await bench.start(backend, .entitiesDetectionV2, bench.request(token: "one"))
        #expect(other != first)
    }

    @Test("A token is kept over a restart, and as long as its job")
    func tokenKept() async throws {
        let first = try await bench.start(try bench.open(), .rxNormInference, bench.request(token: "one"))
        // Also where the executor has gone in the meantime: the job was acknowledged.
        var changed = bench.configuration
        changed.executors = [:]
        #expect(try await bench.start(try bench.open(changed), .rxNormInference, bench.request(token: "one")) == first)
        bench.clock.advance(seconds: 120 * 86_400)
        #expect(try await bench.start(try bench.open(), .rxNormInference, bench.request(token: "one")) != first)
    }

    @Test("Expired jobs are gone")
    func expiry() async throws {
        let backend = try bench.open()
        let id = try await bench.start(backend)
        let expiration = try #require(try await bench.describe(backend, id).expirationTime)
        bench.clock.advance(milliseconds: expiration.milliseconds - bench.clock.now().milliseconds - 1)
        #expect(try await list(backend).ids == [id])
        bench.clock.advance(milliseconds: 1)
        #expect(try await list(backend).ids.isEmpty)
        #expect(await refusal { _ = try await bench.describe(backend, id) }?.code == .notFound)
        let stop = await refusal { try await bench.stop(backend, id) }
        #expect(stop?.code == .notFound)
    }

    // MARK: Lists

    @Test("Order and filters: newest first, SubmitTimeBefore oldest first, both bounds strict, ids break ties")
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
        #expect(try await list(backend).ids == ids.reversed())
        #expect(try await list(backend, .init(submitTimeBefore: times[4])).ids == Array(ids[0..<4]))
        #expect(try await list(backend, .init(submitTimeAfter: times[1])).ids == ids[2...].reversed())
        #expect(try await list(backend, .init(jobName: "n1")).ids == [ids[4], ids[1]])
        try await bench.stop(backend, ids[3])
        #expect(try await list(backend, .init(jobStatus: .stopRequested)).ids == [ids[3]])
        #expect(try await list(backend, .init(jobStatus: .failed)).ids.isEmpty)
    }

    @Test("Pages show each old job once, whatever is inserted or expires between them")
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
            let page = try await list(backend, token: token, most: 4)
            #expect(page.ids.count <= 4)
            seen += page.ids
            token = page.token
            _ = try await bench.start(backend)
        } while token != nil
        #expect(seen == ids.reversed())
    }

    @Test("A page that ends with the list has no token")
    func lastPage() async throws {
        let backend = try bench.open()
        for _ in 0..<4 { _ = try await bench.start(backend) }
        #expect(try await list(backend, most: 4).token == nil)
        #expect(try await list(backend, most: 3).token != nil)
        #expect(try await list(backend).ids.count == 4)
    }

    @Test("A list shows of a job what describing it shows, also of a job from before the list was prepared")
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

    @Test("A page has 100 jobs where nothing is said")
    func defaultPage() async throws {
        let backend = try bench.open()
        for _ in 0..<101 { _ = try await bench.start(backend) }
        let page = try await list(backend)
        #expect(page.ids.count == 100)
        #expect(try await list(backend, token: page.token).ids.count == 1)
    }

    @Test("Tokens survive a restart, and are refused by every other list")
    func tokens() async throws {
        var token: String?
        do {
            let backend = try bench.open()
            for _ in 0..<3 { _ = try await bench.start(backend, .rxNormInference, bench.request(name: "a")) }
            token = try await list(backend, .init(jobName: "a"), most: 1).token
        }
        let backend = try bench.open()
        #expect(try await list(backend, .init(jobName: "a"), token: token, most: 1).ids.count == 1)
        for filter: ComprehendMedical.JobFilter? in [nil, .init(jobName: "b"), .init(jobStatus: .submitted)] {
            #expect(await refusal { _ = try await list(backend, filter, token: token) }?.code == .invalidToken)
        }
        let family = await refusal {
            _ = try await list(backend, .init(jobName: "a"), token: token, family: .entitiesDetectionV2)
        }
        #expect(family?.code == .invalidToken && family?.path == "NextToken")
        #expect(await refusal { _ = try await list(backend, token: "nonsense") }?.code == .invalidToken)
        let personalize = await refusal {
            _ = try await backend.personalize.listBatchSegmentJobs(.init(nextToken: token), context: bench.context)
        }
        #expect(personalize?.code == .invalidToken)
    }

    // MARK: Stop and queue

    @Test("A job that is stopped while it waits never runs, and has its manifests")
    func stopWaiting() async throws {
        let backend = try bench.open()
        let id = try await bench.start(backend)
        try await bench.stop(backend, id)
        #expect(try await bench.describe(backend, id).jobStatus == .stopRequested)
        let job = try await backend.running { try await bench.end(backend, id) }
        #expect(job.jobStatus == .stopped)
        #expect(
            bench.sandbox.read("\(bench.output(id))/unprocessed")
                == #"{"Files":[{"Input":"a.txt","ErrorMessage":"the job was stopped"}]}"# + "\n")
    }

    @Test("A clock that is set back takes no job's times back")
    func clockSetBack() async throws {
        let submitted = bench.clock.now()
        let backend = try bench.open()
        let id = try await bench.start(backend)
        bench.clock.advance(seconds: -3600)
        try await backend.running {
            let job = try await bench.end(backend, id)
            #expect(job.submitTime == submitted)
            #expect(try #require(job.endTime) >= submitted)
        }
    }

    @Test("Stopping what has ended changes nothing")
    func stopEnded() async throws {
        try await bench.run { backend in
            let id = try await bench.start(backend)
            let ended = try await bench.end(backend, id)
            bench.clock.advance(seconds: 1)
            try await bench.stop(backend, id)
            #expect(try await bench.describe(backend, id) == ended)
        }
    }

    @Test("As many jobs run at once as configured, first come first served")
    func concurrency() async throws {
        // Each job has pipes of its own, so that nobody takes what is meant for another one.
        var bench = try Bench(scripts: [
            .rxNormInference: """
            cd ../../../..; echo > up-$JOBLINE_JOB_ID; cat go-$JOBLINE_JOB_ID > /dev/null; cd "$JOBLINE_OUTPUT"
            \(CompleteExecutor.script)
            """
        ])
        bench.configuration.executors[.rxNormInference]?.concurrency = 2
        let ids = (1...3).map(CountingIDs.id)
        let up = try ids.map { try bench.sandbox.pipe("up-\($0)") }
        let go = try ids.map { try bench.sandbox.pipe("go-\($0)") }
        try await bench.run { [bench] backend in
            for id in ids { #expect(try await bench.start(backend) == id) }
            _ = try await (up[0].read(), up[1].read())
            #expect(try await bench.describe(backend, ids[2]).jobStatus == .submitted)
            let status = try await backend.familyStatus().first { $0.family == "RxNormInference" }
            let expected = Sidecar.FamilyInfo(
                service: "ComprehendMedical", family: "RxNormInference", configured: true, running: 2, waiting: 1,
                concurrency: 2)
            #expect(status == expected)
            try await go[1].write("")
            _ = try await up[2].read()
            #expect(try await bench.describe(backend, ids[0]).jobStatus == .inProgress)
            try await go[0].write("")
            try await go[2].write("")
            for id in ids { #expect(try await bench.end(backend, id).jobStatus == .completed) }
        }
    }
}
