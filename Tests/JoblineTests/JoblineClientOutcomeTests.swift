import JoblineProtocol
import Synchronization
import Testing

@testable import Jobline

@Suite("Creations whose outcome is unknown", .timeLimit(.minutes(1)))
struct JoblineClientOutcomeTests {
    static let arn = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"
    static let asked =
        #"{"jobName":"june","batchSegmentJobArn":"\#(arn)","solutionVersionArn":"s","roleArn":"r","numResults":25,"#
        + #""jobInput":{"s3DataSource":{"path":"in"}},"jobOutput":{"s3DataDestination":{"path":"out"}}}"#

    /// Script of a peer: outcomes of the creates, and the job that each check finds.
    struct Peer {
        var creates: [Int?]
        var jobs: [String?]
    }

    /// Creates the job `june`.
    ///
    /// - Returns: The ARN, the failure, and the methods called, without their service.
    static func create(
        _ peer: Peer, retry: RetryPolicy = .standard, looksUp: Bool = true, spent: Duration = .zero
    ) async throws -> (arn: String?, failure: JoblineError?, asked: [String]) {
        let asked = Mutex<[String]>([])
        let time = ManualDependencies()
        var created: String?
        let failure = try await ScriptedPeer.run(script: { client in
            var creates = peer.creates
            var jobs = peer.jobs
            var job: String?
            while let request = try await client.next() {
                asked.withLock { $0.append(String(request.method.drop { $0 != "." }.dropFirst())) }
                switch request.method {
                case "Personalize.CreateBatchSegmentJob":
                    time.advance(by: spent)
                    if let code = creates.removeFirst() {
                        try await client.fail(request, code)
                    } else {
                        try await client.answer(request, "{\"batchSegmentJobArn\":\"\(arn)\"}")
                    }
                case "Personalize.ListBatchSegmentJobs":
                    job = jobs.removeFirst()
                    let other = #"{"jobName":"may","batchSegmentJobArn":"other"}"#
                    try await client.answer(request, "{\"batchSegmentJobs\":[\(other),\(job ?? other)]}")
                default: try await client.answer(request, "{\"batchSegmentJob\":\(job ?? "{}")}")
                }
            }
        }) { path in
            var configuration = JoblineClient.Configuration(socketPath: path, retry: retry)
            configuration.looksUpNames = looksUp
            let client = JoblineClient(configuration: configuration, dependencies: time.dependencies)
            let failure = await JoblineClientTests.failure { () async throws(JoblineError) in
                created = try await client.personalize.createBatchSegmentJob(
                    jobName: "june", solutionVersionARN: "s", jobInput: .init(s3DataSource: .init(path: "in")),
                    jobOutput: .init(s3DataDestination: .init(path: "out")), roleARN: "r"
                ).batchSegmentJobARN
            }
            await client.close()
            return failure
        }
        return (created, failure, asked.withLock { $0 })
    }

    static let create = "CreateBatchSegmentJob"
    static let list = "ListBatchSegmentJobs"
    static let describe = "DescribeBatchSegmentJob"

    @Test("If the job exists as requested, the call succeeds with its ARN")
    func there() async throws {
        let run = try await Self.create(Peer(creates: [500], jobs: [Self.asked]))
        #expect(run.arn == Self.arn)
        #expect(run.failure == nil)
        #expect(run.asked == [Self.create, Self.list, Self.describe])
    }

    @Test("If another job has the name, the call fails as a conflict and the outcome is known")
    func different() async throws {
        let other = Self.asked.replacing("\"out\"", with: "\"elsewhere\"")
        let run = try await Self.create(Peer(creates: [500], jobs: [other]))
        #expect(run.failure?.code == .conflict)
        #expect(run.failure?.outcomeUnknown == false)
        #expect(run.asked == [Self.create, Self.list, Self.describe])
    }

    @Test("If no job exists, the request is repeated")
    func notThere() async throws {
        let run = try await Self.create(Peer(creates: [500, nil], jobs: [nil]))
        #expect(run.arn == Self.arn)
        #expect(run.asked == [Self.create, Self.list, Self.create])
    }

    @Test("Attempts before and after the check count together")
    func attempts() async throws {
        let run = try await Self.create(Peer(creates: [500, 429, 429, nil], jobs: [nil]))
        #expect(run.failure?.code == .throttled)
        #expect(run.failure?.attempts == 3)
        #expect(run.asked == [Self.create, Self.list, Self.create, Self.create])
    }

    @Test("If the first request takes effect after the check, the conflict of the second is checked")
    func late() async throws {
        let run = try await Self.create(Peer(creates: [500, 409], jobs: [nil, Self.asked]))
        #expect(run.arn == Self.arn)
        #expect(run.asked == [Self.create, Self.list, Self.create, Self.list, Self.describe])
    }

    @Test("A conflict that is not about the name is returned unchanged")
    func quota() async throws {
        let run = try await Self.create(Peer(creates: [500, 409], jobs: [nil, nil]))
        #expect(run.failure?.code == .conflict)
        #expect(run.failure?.message == "scripted")
    }

    @Test("A policy of one attempt checks once and does not repeat the request")
    func oneAttempt() async throws {
        let run = try await Self.create(Peer(creates: [500], jobs: [nil]), retry: .disabled)
        #expect(run.failure?.outcomeUnknown == true)
        #expect(run.asked == [Self.create, Self.list])
        let found = try await Self.create(Peer(creates: [500], jobs: [Self.asked]), retry: .disabled)
        #expect(found.arn == Self.arn)
    }

    @Test("Without time left, or with the check switched off, the outcome stays unknown")
    func noLook() async throws {
        let late = try await Self.create(Peer(creates: [500], jobs: []), spent: .seconds(30))
        #expect(late.failure?.outcomeUnknown == true)
        #expect(late.asked == [Self.create])
        let unwanted = try await Self.create(Peer(creates: [500], jobs: []), looksUp: false)
        #expect(unwanted.failure?.outcomeUnknown == true)
        #expect(unwanted.failure?.description.hasPrefix("outcome unknown: server: ") == true)
        #expect(unwanted.asked == [Self.create])
    }

    @Test("A definite refusal is not checked")
    func refused() async throws {
        let run = try await Self.create(Peer(creates: [409], jobs: []))
        #expect(run.failure?.code == .conflict)
        #expect(run.asked == [Self.create])
    }
}
