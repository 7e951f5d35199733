import JoblineBackend
import JoblineProtocol
import Logging
import Synchronization
import TestSupport
import Testing

@testable import JoblineEmbedded

/// A clock that only a test advances.
final class TestClock: Sendable {
    /// 2025-06-15T00:00:00.250Z
    private let time = Mutex(Timestamp(milliseconds: 1_749_945_600_250))

    @Sendable func now() -> Timestamp { time.withLock { $0 } }

    func advance(seconds: Int64 = 0, milliseconds: Int64 = 0) {
        time.withLock { $0.milliseconds += seconds * 1000 + milliseconds }
    }
}

/// Consecutive ids: 00...01, 00...02.
final class CountingIDs: Sendable {
    private let count = Mutex(0)

    @Sendable func make() -> String {
        Self.id(
            count.withLock {
                $0 += 1; return $0
            })
    }

    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

/// A backend on its own directory, with a clock and ids of the test.
struct Bench {
    let sandbox: Sandbox
    let clock = TestClock()
    let ids = CountingIDs()
    var configuration: EmbeddedConfiguration
    var pause: @Sendable () async throws -> Void = SystemClock.pause
    /// Fails the test if the log contains anything of a job.
    var logger = LogRecorder { Issue.record("the log contains content of a job: \($0)") }.logger
    let context = RequestContext(
        caller: .user(0), deadline: ContinuousClock.now + .seconds(300))

    init(_ executors: [JobFamily: ExecutorConfiguration] = [:]) throws {
        sandbox = try Sandbox()
        configuration = EmbeddedConfiguration(stateDirectory: sandbox.state)
        configuration.executors = executors
        configuration.accountID = "123456789012"
        configuration.region = "eu-central-1"
        try sandbox.write(Self.peopleSchema, to: "state/schemas/people.json")
    }

    /// A bench whose executors are shell scripts.
    init(scripts: [JobFamily: String]) throws {
        try self.init(scripts.mapValues { ExecutorConfiguration(command: ["/bin/sh", "-c", $0]) })
    }

    func open(_ changed: EmbeddedConfiguration? = nil) throws -> EmbeddedBackend {
        try EmbeddedBackend(
            configuration: changed ?? configuration, now: clock.now, makeID: ids.make, pause: pause, logger: logger)
    }

    /// Opens a backend, runs jobs during `body`, and drains it.
    func run<Value>(
        _ changed: EmbeddedConfiguration? = nil, _ body: (EmbeddedBackend) async throws -> Value
    ) async throws -> Value {
        let backend = try open(changed)
        return try await backend.running { try await body(backend) }
    }
}

extension EmbeddedBackend {
    /// Returns a job once it has ended.
    func ended<Shown>(
        _ id: String, hasEnded: (Shown) -> Bool, _ look: () async throws -> Shown
    ) async throws -> Shown {
        let changes = self.changes()
        let job = try await look()
        if hasEnded(job) { return job }
        for await change in changes where change.key.id == id && change.isFinal { break }
        return try await look()
    }

    /// Runs jobs during `body`, and drains afterwards.
    func running<Value>(_ body: () async throws -> Value) async throws -> Value {
        async let run: Void = self.run()
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        drain()
        try await run
        return try outcome.get()
    }
}

// MARK: - Comprehend Medical

extension Bench {
    func request(
        input: String = "june/", output: String? = "out/", name: String? = nil, token: String? = nil
    ) -> ComprehendMedical.StartJobRequest {
        ComprehendMedical.StartJobRequest(
            inputDataConfig: .init(s3Bucket: "notes", s3Key: input),
            outputDataConfig: .init(s3Bucket: "results", s3Key: output),
            dataAccessRoleARN: "arn:aws:iam::123456789012:role/\(Secret.word)", languageCode: .en, jobName: name,
            clientRequestToken: token)
    }

    /// Starts a job on one small note.
    func start(
        _ backend: EmbeddedBackend, _ family: ComprehendMedical.Family = .rxNormInference,
        _ request: ComprehendMedical.StartJobRequest? = nil
    ) async throws -> String {
        if !sandbox.exists("state/buckets/notes/june/a.txt") {
            try sandbox.write("aspirin 81 mg", to: "state/buckets/notes/june/a.txt")
        }
        let response = try await backend.comprehendMedical.startJob(family, request ?? self.request(), context: context)
        return try #require(response.jobID)
    }

    func describe(
        _ backend: EmbeddedBackend, _ id: String, _ family: ComprehendMedical.Family = .rxNormInference
    ) async throws -> ComprehendMedical.JobProperties {
        let response = try await backend.comprehendMedical.describeJob(family, .init(jobID: id), context: context)
        return try #require(response.decoded().jobProperties)
    }

    /// Returns the job once it has ended.
    func end(
        _ backend: EmbeddedBackend, _ id: String, _ family: ComprehendMedical.Family = .rxNormInference
    ) async throws -> ComprehendMedical.JobProperties {
        try await backend.ended(id, hasEnded: { $0.endTime != nil }) {
            try await describe(backend, id, family)
        }
    }

    /// Returns one page of ids.
    func list(
        _ backend: EmbeddedBackend, _ filter: ComprehendMedical.JobFilter? = nil, token: String? = nil,
        most: Int? = nil, family: ComprehendMedical.Family = .rxNormInference
    ) async throws -> (ids: [String], token: String?) {
        let request = ComprehendMedical.ListJobsRequest(filter: filter, nextToken: token, maxResults: most)
        let response = try await backend.comprehendMedical.listJobs(family, request, context: context).decoded()
        return ((response.jobPropertiesList ?? []).compactMap(\.jobID), response.nextToken)
    }

    /// Waits until the job has a status.
    func reached(_ backend: EmbeddedBackend, _ id: String, _ status: ComprehendMedical.JobStatus) async throws {
        let changes = backend.changes()
        if try await describe(backend, id).jobStatus == status { return }
        for await change in changes where change.key.id == id && change.status == status.rawValue { break }
    }

    func stop(_ backend: EmbeddedBackend, _ id: String) async throws {
        let response = try await backend.comprehendMedical.stopJob(.rxNormInference, .init(jobID: id), context: context)
        #expect(response.jobID == id)
    }

    /// Starts a job and returns it once it has ended.
    func finished(
        _ request: ComprehendMedical.StartJobRequest? = nil
    ) async throws -> ComprehendMedical.JobProperties {
        try await run { backend in try await end(backend, try await start(backend, .rxNormInference, request)) }
    }

    /// Output directory of a job, below the sandbox.
    func output(_ id: String) -> String { "state/buckets/results/out/123456789012-RxNormInference-\(id)" }
}
