import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Personalize, embedded", .timeLimit(.minutes(1)))
struct EmbeddedPersonalizeTests {
    private static let solution = "arn:aws:personalize:eu-central-1:123456789012:solution/items/1"

    private func bench(_ script: String = "exit 0") throws -> Bench {
        let bench = try Bench(scripts: [.batchSegment: script])
        try bench.sandbox.write(#"{"itemId":"1"}"# + "\n", to: "state/buckets/items/in.json")
        return bench
    }

    private func request(
        _ name: String, input: String = "s3://items/in.json", output: String = "s3://segments/june/",
        solution: String = solution
    ) -> Personalize.CreateBatchSegmentJobRequest {
        .init(
            jobName: name, solutionVersionARN: solution, jobInput: .init(s3DataSource: .init(path: input)),
            jobOutput: .init(s3DataDestination: .init(path: output)),
            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)")
    }

    private func create(
        _ bench: Bench, _ backend: EmbeddedBackend, _ request: Personalize.CreateBatchSegmentJobRequest
    ) async throws -> String {
        let response = try await backend.personalize.createBatchSegmentJob(request, context: bench.context)
        return try #require(response.batchSegmentJobARN)
    }

    private func describe(
        _ bench: Bench, _ backend: EmbeddedBackend, _ arn: String
    ) async throws -> Personalize.BatchSegmentJob {
        let response = try await backend.personalize.describeBatchSegmentJob(
            .init(batchSegmentJobARN: arn), context: bench.context)
        return try #require(response.batchSegmentJob)
    }

    private func end(
        _ bench: Bench, _ backend: EmbeddedBackend, _ arn: String
    ) async throws -> Personalize.BatchSegmentJob {
        try await backend.ended(arn, hasEnded: { $0.status == .active || $0.status == .createFailed }) {
            try await describe(bench, backend, arn)
        }
    }

    @Test("Describe shows a created job as requested")
    func describe() async throws {
        let bench = try bench()
        let backend = try bench.open()
        var request = request("june")
        request.numResults = 25
        request.filterARN = "arn:aws:personalize:eu-central-1:123456789012:filter/x"
        let arn = try await create(bench, backend, request)
        #expect(arn == "arn:aws:personalize:eu-central-1:123456789012:batch-segment-job/june")
        let now = bench.clock.now()
        #expect(
            try await describe(bench, backend, arn)
                == Personalize.BatchSegmentJob(
                    jobName: "june", batchSegmentJobARN: arn, filterARN: request.filterARN,
                    solutionVersionARN: Self.solution, numResults: 25, jobInput: request.jobInput,
                    jobOutput: request.jobOutput, roleARN: request.roleARN, status: .pending, creationDateTime: now,
                    lastUpdatedDateTime: now))
    }

    @Test("Only output files are published, beside existing files")
    func output() async throws {
        let bench = try bench("mkdir sub; echo new > in.json.out; echo x > sub/more.out")
        try bench.sandbox.write("other", to: "state/buckets/segments/june/other.json.out")
        try await bench.run { backend in
            let job = try await end(bench, backend, try await create(bench, backend, request("june")))
            #expect(job.status == .active)
            #expect(job.failureReason == nil)
        }
        #expect(
            try bench.sandbox.files("state/buckets/segments") == [
                "june/in.json.out", "june/other.json.out", "june/sub/more.out",
            ])
        #expect(bench.sandbox.read("state/buckets/segments/june/in.json.out") == "new\n")
    }

    @Test("A failed job has a reason, publishes nothing, and keeps its name")
    func failure() async throws {
        let bench = try bench("echo half > in.json.out; echo 'no interactions' >&2; exit 1")
        try await bench.run { backend in
            let job = try await end(bench, backend, try await create(bench, backend, request("june")))
            #expect(job.status == .createFailed)
            #expect(job.failureReason == "exit status 1; last line: no interactions")
            let error = await refusal { try await create(bench, backend, request("june")) }
            #expect(error?.code == .alreadyExists && error?.path == "jobName")
        }
        #expect(!bench.sandbox.exists("state/buckets/segments"))
    }

    @Test("Output that conflicts with existing files is not published at all, and no job name is logged")
    func conflict() async throws {
        var bench = try bench("touch a.out b.out c.out")
        let log = LogRecorder()
        bench.logger = log.logger
        try bench.sandbox.write("x", to: "state/buckets/segments/june/b.out/x")
        let job = try await bench.run { [bench] backend in
            try await end(bench, backend, try await create(bench, backend, request("Jane-Doe")))
        }
        #expect(job.status == .createFailed)
        let reason = "s3://segments/june/b.out is in the way: it is a folder"
        #expect(job.failureReason == "the output could not be published: \(reason)")
        #expect(try bench.sandbox.files("state/buckets/segments") == ["june/b.out/x"])
        #expect(log.lines.contains { $0.contains("job step failed") })
        #expect(!log.lines.contains { $0.contains("Jane") }, "\(log.lines)")
    }

    @Test(
        "A job with empty input fails without an executor",
        arguments: ["s3://items/in.json", "s3://items"])
    func emptyInput(_ input: String) async throws {
        let bench = try bench("touch ../../../../ran")
        try bench.sandbox.write("", to: "state/buckets/items/in.json")
        try await bench.run { backend in
            let job = try await end(
                bench, backend, try await create(bench, backend, request("june", input: input)))
            #expect(job.status == .createFailed)
            #expect(job.failureReason == "\(input) has no content")
        }
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("The executor gets the name of the job as its id")
    func executor() async throws {
        let bench = try bench("echo $JOBLINE_JOB_ID $JOBLINE_SERVICE $JOBLINE_FAMILY ${JOBLINE_INPUT##*/} > told")
        try await bench.run { backend in
            _ = try await end(bench, backend, try await create(bench, backend, request("june")))
        }
        #expect(bench.sandbox.read("state/buckets/segments/june/told") == "june Personalize BatchSegment in.json\n")
    }

    @Test("One of 20 concurrent requests gets the name")
    func oneName() async throws {
        let bench = try bench()
        let backend = try bench.open()
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { await refusal { try await create(bench, backend, request("june")) } == nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
    }

    @Test("At most five jobs are open; success and failure free a slot")
    func quota() async throws {
        let bench = try bench("cat ../../../../go > /dev/null; [ $JOBLINE_JOB_ID = n1 ]")
        let go = try bench.sandbox.pipe("go")
        try await bench.run { backend in
            var arns: [String] = []
            for number in 1...5 { arns.append(try await create(bench, backend, request("n\(number)"))) }
            let error = await refusal { try await create(bench, backend, request("n6")) }
            #expect(error?.code == .quota)
            #expect(error?.quotaValue == 5)
            // The error of a taken name has precedence.
            #expect(await refusal { try await create(bench, backend, request("n5")) }?.code == .alreadyExists)
            try await go.write("")
            #expect(try await end(bench, backend, arns[0]).status == .active)
            #expect(await refusal { try await create(bench, backend, request("n6")) } == nil)
            #expect(await refusal { try await create(bench, backend, request("n7")) }?.code == .quota)
            try await go.write("")
            #expect(try await end(bench, backend, arns[1]).status == .createFailed)
            #expect(await refusal { try await create(bench, backend, request("n7")) } == nil)
        }
    }

    @Test("Unusable paths are refused with the path of the member")
    func places() async throws {
        let bench = try bench()
        let backend = try bench.open()
        for path in ["https://items/in.json", "s3://items/../x", "s3://items/y//x"] {
            let input = await refusal { try await create(bench, backend, request("a", input: path)) }
            #expect(input?.code == .invalid && input?.path == "jobInput.s3DataSource.path")
            let output = await refusal { try await create(bench, backend, request("a", output: path)) }
            #expect(output?.code == .invalid && output?.path == "jobOutput.s3DataDestination.path")
        }
        #expect(
            await refusal { try await create(bench, try Bench().open(), request("a")) }?.message
                == "no executor for BatchSegment: set executors.batchSegment.command in the configuration")
    }

    @Test("Lists show summaries, newest first, of one or all solution versions")
    func list() async throws {
        var bench = try bench()
        bench.configuration.personalizeOpenJobs = 100
        let backend = try bench.open()
        let other = "arn:aws:personalize:eu-central-1:123456789012:solution/other/1"
        for number in 0..<6 {
            bench.clock.advance(milliseconds: 1)
            _ = try await create(
                bench, backend, request("n\(number)", solution: number.isMultiple(of: 2) ? Self.solution : other))
        }
        let all = try await backend.personalize.listBatchSegmentJobs(.init(), context: bench.context).decoded()
        #expect(all.batchSegmentJobs?.map(\.jobName) == ["n5", "n4", "n3", "n2", "n1", "n0"])
        #expect(all.nextToken == nil)
        let now = bench.clock.now()
        #expect(
            all.batchSegmentJobs?.first
                == Personalize.BatchSegmentJobSummary(
                    batchSegmentJobARN: "arn:aws:personalize:eu-central-1:123456789012:batch-segment-job/n5",
                    jobName: "n5",
                    status: .pending, creationDateTime: now, lastUpdatedDateTime: now, solutionVersionARN: other))
        let first = try await backend.personalize.listBatchSegmentJobs(
            .init(solutionVersionARN: Self.solution, maxResults: 2), context: bench.context
        ).decoded()
        #expect(first.batchSegmentJobs?.map(\.jobName) == ["n4", "n2"])
        let second = try await backend.personalize.listBatchSegmentJobs(
            .init(solutionVersionARN: Self.solution, nextToken: first.nextToken, maxResults: 2), context: bench.context
        ).decoded()
        #expect(second.batchSegmentJobs?.map(\.jobName) == ["n0"])
        #expect(second.nextToken == nil)
        let error = await #expect(throws: ServiceError.self) {
            try await backend.personalize.listBatchSegmentJobs(
                .init(solutionVersionARN: other, nextToken: first.nextToken), context: bench.context
            ).decoded()
        }
        #expect(error?.code == .invalidToken)
    }

    @Test("An unknown ARN is not found")
    func unknown() async throws {
        let bench = try bench()
        let backend = try bench.open()
        let error = await #expect(throws: ServiceError.self) { try await describe(bench, backend, "arn:x") }
        #expect(error?.code == .notFound)
    }
}
