import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Batch inference jobs, embedded", .timeLimit(.minutes(1)))
struct BatchInferenceTests {
    private static let solution = "arn:aws:personalize:eu-central-1:123456789012:solution/items/1"
    private let bench: Bench

    init() throws {
        bench = try Bench(scripts: [
            .batchInference: "cat > in.json.out; [ $JOBLINE_JOB_ID != bad ]", .batchSegment: "exit 0",
        ])
        try bench.sandbox.write(#"{"userId":"1"}"# + "\n", to: "state/buckets/users/in.json")
    }

    private func request(_ name: String) -> Personalize.CreateBatchInferenceJobRequest {
        .init(
            jobName: name, solutionVersionARN: Self.solution,
            jobInput: .init(s3DataSource: .init(path: "s3://users/in.json")),
            jobOutput: .init(s3DataDestination: .init(path: "s3://picks/june/")),
            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)")
    }

    private func create(
        _ backend: EmbeddedBackend, _ request: Personalize.CreateBatchInferenceJobRequest
    ) async throws -> String {
        let response = try await backend.personalize.createBatchInferenceJob(request, context: bench.context)
        return try #require(response.batchInferenceJobARN)
    }

    private func createSegment(_ backend: EmbeddedBackend, _ name: String) async throws {
        let request = request(name)
        _ = try await backend.personalize.createBatchSegmentJob(
            .init(
                jobName: name, solutionVersionARN: Self.solution, jobInput: request.jobInput,
                jobOutput: request.jobOutput, roleARN: request.roleARN), context: bench.context)
    }

    private func describe(_ backend: EmbeddedBackend, _ arn: String) async throws -> Personalize.BatchInferenceJob {
        let response = try await backend.personalize.describeBatchInferenceJob(
            .init(batchInferenceJobARN: arn), context: bench.context)
        return try #require(response.batchInferenceJob)
    }

    private func end(_ backend: EmbeddedBackend, _ arn: String) async throws -> Personalize.BatchInferenceJob {
        try await backend.ended(arn, hasEnded: { $0.status == .active || $0.status == .createFailed }) {
            try await describe(backend, arn)
        }
    }

    @Test("Describe shows a created job as requested")
    func describe() async throws {
        let backend = try bench.open()
        var request = request("june")
        request.numResults = 10
        request.filterARN = "arn:aws:personalize:eu-central-1:123456789012:filter/x"
        request.batchInferenceJobConfig = .init(
            itemExplorationConfig: ["explorationWeight": "0.3"], rankingInfluence: ["POPULARITY": 0.5])
        request.batchInferenceJobMode = .themeGeneration
        request.themeGenerationConfig = .init(fieldsForThemeGeneration: .init(itemName: "TITLE"))
        let arn = try await create(backend, request)
        #expect(arn == "arn:aws:personalize:eu-central-1:123456789012:batch-inference-job/june")
        let now = bench.clock.now()
        #expect(
            try await describe(backend, arn)
                == Personalize.BatchInferenceJob(
                    jobName: "june", batchInferenceJobARN: arn, filterARN: request.filterARN,
                    solutionVersionARN: Self.solution, numResults: 10, jobInput: request.jobInput,
                    jobOutput: request.jobOutput, batchInferenceJobConfig: request.batchInferenceJobConfig,
                    roleARN: request.roleARN, batchInferenceJobMode: .themeGeneration,
                    themeGenerationConfig: request.themeGenerationConfig, status: .pending, creationDateTime: now,
                    lastUpdatedDateTime: now))
    }

    @Test("Theme generation requires its configuration")
    func themes() async throws {
        let backend = try bench.open()
        var request = request("june")
        request.batchInferenceJobMode = .themeGeneration
        let error = await refusal { [request] in try await create(backend, request) }
        #expect(error?.code == .invalid && error?.path == "themeGenerationConfig")
        request.batchInferenceJobMode = .batchInference
        _ = try await create(backend, request)
    }

    @Test(
        "More than 50 tags, equal keys and keys that begin with aws: are refused",
        arguments: [
            ((1...50).map { .init(tagKey: "k\($0)", tagValue: "") }, nil, nil),
            ((1...51).map { .init(tagKey: "k\($0)", tagValue: "") }, "TooManyTagsException", "tags"),
            ([.init(tagKey: "a", tagValue: "1"), .init(tagKey: "a", tagValue: "2")], nil, "tags[1].tagKey"),
            ([.init(tagKey: "a", tagValue: "1"), .init(tagKey: "A", tagValue: "1")], nil, nil),
            ([.init(tagKey: "aws:a", tagValue: "1")], nil, "tags[0].tagKey"),
            ([.init(tagKey: "k", tagValue: ""), .init(tagKey: "AwS:", tagValue: "")], nil, "tags[1].tagKey"),
            ([.init(tagKey: "k", tagValue: "AWS:1")], nil, "tags[0].tagValue"),
            ([.init(tagKey: "awsome", tagValue: "aws")], nil, nil),
        ] as [([Personalize.Tag], String?, String?)])
    func tags(_ tags: [Personalize.Tag], _ type: String?, _ path: String?) async throws {
        let backend = try bench.open()
        var request = request("june")
        request.tags = tags
        let inference = await refusal { [request] in try await create(backend, request) }
        let segment = await refusal { [request] in
            try await backend.personalize.createBatchSegmentJob(
                .init(
                    jobName: "june", solutionVersionARN: Self.solution, jobInput: request.jobInput,
                    jobOutput: request.jobOutput, roleARN: request.roleARN, tags: tags), context: bench.context)
        }
        for error in [inference, segment] {
            #expect(error?.path == path)
            #expect(error?.code == (path == nil ? nil : .invalid))
            #expect(error?.type == type)
        }
    }

    @Test("Input and output may be URLs of Amazon S3, and keys may begin with a slash")
    func urls() async throws {
        try await bench.run { backend in
            var request = request("june")
            request.jobInput.s3DataSource.path = "https://users.s3.eu-central-1.amazonaws.com/in.json"
            request.jobOutput.s3DataDestination.path = "s3://picks//june"
            let job = try await end(backend, try await create(backend, request))
            #expect(job.status == .active)
            #expect(job.jobInput == request.jobInput)
            #expect(job.jobOutput == request.jobOutput)
            #expect(bench.sandbox.exists("state/buckets/picks/june/in.json.out"))
        }
    }

    @Test("A job runs to its end, and the list shows only its summary")
    func list() async throws {
        try await bench.run { backend in
            let good = try await end(backend, try await create(backend, request("good")))
            #expect(good.status == .active)
            #expect(good.batchInferenceJobMode == .batchInference)
            #expect(bench.sandbox.read("state/buckets/picks/june/in.json.out")?.contains("BatchInference") == true)
            bench.clock.advance(seconds: 1)
            let bad = try await end(backend, try await create(backend, request("bad")))
            #expect(bad.status == .createFailed)
            #expect(bad.failureReason == "exit status 1")
            let list = try await backend.personalize.listBatchInferenceJobs(
                .init(solutionVersionARN: Self.solution, maxResults: 1), context: bench.context
            ).decoded()
            #expect(
                list.batchInferenceJobs == [
                    Personalize.BatchInferenceJobSummary(
                        batchInferenceJobARN: bad.batchInferenceJobARN, jobName: "bad", status: .createFailed,
                        creationDateTime: bench.clock.now(), lastUpdatedDateTime: bench.clock.now(),
                        failureReason: bad.failureReason, solutionVersionARN: Self.solution,
                        batchInferenceJobMode: .batchInference)
                ])
            let foreign = await refusal {
                _ = try await backend.personalize.listBatchSegmentJobs(
                    .init(nextToken: list.nextToken), context: bench.context
                ).decoded()
            }
            #expect(foreign?.code == .invalidToken)
        }
    }

    @Test("The kinds share neither names nor quota")
    func kinds() async throws {
        let backend = try bench.open()
        for number in 1...5 {
            let arn = try await create(backend, request("n\(number)"))
            try await createSegment(backend, "n\(number)")
            let crossed = await refusal {
                _ = try await backend.personalize.describeBatchSegmentJob(
                    .init(batchSegmentJobARN: arn), context: bench.context)
            }
            #expect(crossed?.code == .notFound)
        }
        #expect(await refusal { _ = try await create(backend, request("n1")) }?.code == .alreadyExists)
        #expect(await refusal { _ = try await create(backend, request("n6")) }?.code == .quota)
        #expect(await refusal { try await createSegment(backend, "n6") }?.code == .quota)
    }
}
