import JoblineBackend
import JoblineProtocol
import NIOCore
import TestSupport
import Testing

@testable import JoblineEmbedded

/// The backend as a source of watches.
@Suite("Source of watches", .timeLimit(.minutes(1)))
struct JobSourceTests {
    /// Returns the snapshots of one job, read at each change.
    private static func follow(
        _ backend: EmbeddedBackend, _ family: JobFamily,
        until isOver: @escaping @Sendable (JobSnapshot) -> Bool,
        start: () async throws -> String
    ) async throws -> [JobSnapshot] {
        let (stream, continuation) = AsyncStream<JobReference>.makeStream()
        backend.observe { continuation.yield($0) }
        let job = JobReference(family, try await start())
        var snapshots: [JobSnapshot] = []
        for await changed in stream where changed == job {
            let snapshot = try #require(try await backend.snapshots(of: [job]).first)
            if snapshot != snapshots.last { snapshots.append(snapshot) }
            if isOver(snapshot) { break }
        }
        return snapshots
    }

    private static let isTerminal: @Sendable (JobSnapshot) -> Bool = { $0.state.isTerminal }

    private static func document(_ value: any JSONEncodable) -> JSONDocument { JSONDocument(compact: value.json()) }

    @Test("Every change of a Comprehend Medical job is reported with its describe response")
    func comprehendMedical() async throws {
        let script = "echo '{\"progress\":0.5}'; sleep 0.2\n\(CompleteExecutor.script)"
        let bench = try Bench(scripts: [.rxNormInference: script])
        try await bench.run { backend in
            let snapshots = try await Self.follow(backend, .rxNormInference, until: Self.isTerminal) {
                try await bench.start(backend)
            }
            let states = snapshots.map(\.state)
            #expect(states.last == .succeeded)
            #expect(states.allSatisfy { [.queued, .running, .succeeded].contains($0) })
            #expect(snapshots.contains { $0.state == .running && $0.progress == 0.5 })
            let last = try #require(snapshots.last)
            #expect(last.progress == nil)
            let response = try await backend.comprehendMedical.describeJob(
                .rxNormInference, .init(jobID: CountingIDs.id(1)), context: bench.context)
            let expected = #"{"ComprehendMedicalAsyncJobProperties":\#(last.job?.string ?? "")}"#
            #expect(String(buffer: response.json()) == expected)
        }
    }

    @Test("Processed files determine the progress if the executor reports none")
    func files() async throws {
        let bench = try Bench(scripts: [
            .rxNormInference: """
            for file in "$JOBLINE_INPUT"/*; do
                name=${file##*/}
                echo done > "$JOBLINE_OUTPUT/$name.out"
                echo "{\\"processed\\":{\\"input\\":\\"$name\\",\\"output\\":\\"$name.out\\"}}"
                sleep 0.3
            done
            """
        ])
        try await bench.run { backend in
            let snapshots = try await Self.follow(backend, .rxNormInference, until: Self.isTerminal) {
                try await bench.start(backend)
            }
            let told = snapshots.compactMap(\.progress)
            #expect(!told.isEmpty && told == told.sorted() && told.allSatisfy { $0 > 0 && $0 <= 1 })
        }
    }

    @Test("Personalize jobs are reported by their ARN")
    func personalize() async throws {
        let bench = try Bench(scripts: [.batchSegment: "exit 3"])
        try bench.sandbox.write("{}", to: "state/buckets/items/june.json")
        try await bench.run { backend in
            let request = Personalize.CreateBatchSegmentJobRequest(
                jobName: "june", solutionVersionARN: "arn:aws:personalize:eu-central-1:123456789012:solution/s/v",
                jobInput: .init(s3DataSource: .init(path: "s3://items/june.json")),
                jobOutput: .init(s3DataDestination: .init(path: "s3://results/")), roleARN: Bench.role)
            let snapshots = try await Self.follow(backend, .batchSegment, until: Self.isTerminal) {
                let response = try await backend.personalize.createBatchSegmentJob(request, context: bench.context)
                return try #require(response.batchSegmentJobARN)
            }
            #expect(snapshots.last?.state == .failed)
            let shown = try await backend.personalize.describeBatchSegmentJob(
                .init(batchSegmentJobARN: "arn:aws:personalize:eu-central-1:123456789012:batch-segment-job/june"),
                context: bench.context)
            #expect(snapshots.last?.job == Self.document(try #require(shown.batchSegmentJob)))
        }
    }

    @Test("A job of a workflow is found by the name and ARN of the workflow, and removed with it")
    func entityResolution() async throws {
        let bench = try Bench(scripts: [.matching: "exit 3"])
        try await bench.run { backend in
            try await bench.createMatchingWorkflow(backend, "people")
            let snapshots = try await Self.follow(backend, .matching, until: Self.isTerminal) {
                try await backend.entityResolution.startMatchingJob(
                    .init(workflowName: "people"), context: bench.context
                ).jobID
            }
            let last = try #require(snapshots.last)
            #expect(last.state == .failed)
            let arn = "arn:aws:entityresolution:eu-central-1:123456789012:matchingworkflow/people"
            #expect(Set(last.workflows) == ["people", arn])
            let shown = try await backend.entityResolution.getMatchingJob(
                .init(workflowName: "people", jobID: CountingIDs.id(1)), context: bench.context)
            #expect(last.job == Self.document(shown))

            let gone = try await Self.follow(backend, .matching, until: { $0.state == .gone }) {
                _ = try await backend.entityResolution.deleteMatchingWorkflow(
                    .init(workflowName: "people"), context: bench.context)
                return CountingIDs.id(1)
            }
            #expect(gone == [.gone])
        }
    }

    @Test("Snapshots of many jobs are in the order of the request, and missing jobs are gone")
    func many() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let backend = try bench.open()
        let id = try await bench.start(backend)
        let found = try await backend.snapshots(of: [
            JobReference(.rxNormInference, "none"), JobReference(.rxNormInference, id), JobReference(.phiDetection, id),
        ])
        #expect(found.map(\.state) == [.gone, .queued, .gone])
    }
}
