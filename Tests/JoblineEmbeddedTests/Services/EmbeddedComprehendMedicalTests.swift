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

    @Test("Describe shows a started job as requested")
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

    @Test("The error of a family without an executor names the missing key")
    func noExecutor() async throws {
        let backend = try bench.open()
        let error = await refusal { _ = try await bench.start(backend, .snomedctInference) }
        #expect(error?.code == .invalid)
        #expect(
            error?.message
                == "no executor for SNOMEDCTInference: set executors.snomedctInference.command in the configuration")
        #expect(error?.processed == false)
    }

    @Test(
        "Keys that could leave the bucket are refused with the path of the member",
        arguments: ["../x", "a//b", "/../a"])
    func keys(_ key: String) async throws {
        let backend = try bench.open()
        let input = await refusal { _ = try await bench.start(backend, .rxNormInference, bench.request(input: key)) }
        #expect(input?.code == .invalid && input?.path == "InputDataConfig.S3Key")
        let output = await refusal { _ = try await bench.start(backend, .rxNormInference, bench.request(output: key)) }
        #expect(output?.code == .invalid && output?.path == "OutputDataConfig.S3Key")
    }

    @Test("Keys may begin with a slash, and are shown unchanged")
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

    @Test("An output key that is too long with the job's directory is refused")
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
        #expect(try await bench.list(backend, family: .entitiesDetectionV2).ids.isEmpty)
    }

    // MARK: Tokens of requests

    @Test("50 concurrent requests with the same token create one job")
    func idempotency() async throws {
        let backend = try bench.open()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await bench.start(backend, .rxNormInference, bench.request(token: "one")) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await bench.list(backend).ids == Array(ids))
    }

    @Test("A token with another request is refused; families have separate tokens")
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

    @Test("A token survives a restart, and expires with its job")
    func tokenKept() async throws {
        let first = try await bench.start(try bench.open(), .rxNormInference, bench.request(token: "one"))
        // Even without an executor now: the job was acknowledged.
        var changed = bench.configuration
        changed.executors = [:]
        #expect(try await bench.start(try bench.open(changed), .rxNormInference, bench.request(token: "one")) == first)
        bench.clock.advance(seconds: 120 * 86_400)
        #expect(try await bench.start(try bench.open(), .rxNormInference, bench.request(token: "one")) != first)
    }

    @Test("Expired jobs are not found")
    func expiry() async throws {
        let backend = try bench.open()
        let id = try await bench.start(backend)
        let expiration = try #require(try await bench.describe(backend, id).expirationTime)
        bench.clock.advance(milliseconds: expiration.milliseconds - bench.clock.now().milliseconds - 1)
        #expect(try await bench.list(backend).ids == [id])
        bench.clock.advance(milliseconds: 1)
        #expect(try await bench.list(backend).ids.isEmpty)
        #expect(await refusal { _ = try await bench.describe(backend, id) }?.code == .notFound)
        let stop = await refusal { try await bench.stop(backend, id) }
        #expect(stop?.code == .notFound)
    }

    // MARK: Stop and queue

    @Test("A job stopped in the queue does not run, and has manifests")
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

    @Test("A clock that is set back does not set back times of jobs")
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

    @Test("Stopping an ended job changes nothing")
    func stopEnded() async throws {
        try await bench.run { backend in
            let id = try await bench.start(backend)
            let ended = try await bench.end(backend, id)
            bench.clock.advance(seconds: 1)
            try await bench.stop(backend, id)
            #expect(try await bench.describe(backend, id) == ended)
        }
    }

    @Test("The configured number of jobs run concurrently, first come, first served")
    func concurrency() async throws {
        // Each job has its own pipes, so that no job reads the input of another one.
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
