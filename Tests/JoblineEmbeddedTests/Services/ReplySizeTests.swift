import JoblineBackend
import JoblineProtocol
import NIOCore
import TestSupport
import Testing

@testable import JoblineEmbedded

/// The server limits the size of a page: elements that do not fit are on the next one.
@Suite("Lists beyond the response limit", .timeLimit(.minutes(1)))
struct ReplySizeTests {
    private static let solution = "arn:aws:personalize:eu-central-1:123456789012:solution/items/1"
    private static let resultBytes = 4000

    private let bench: Bench
    private var context: RequestContext

    init() throws {
        var bench = try Bench(scripts: [
            .phiDetection: "exit 0", .batchSegment: "exit 0", .batchInference: "exit 0", .matching: "exit 0",
            .idMapping: "exit 0",
        ])
        bench.configuration.personalizeOpenJobs = 100
        bench.configuration.matchingWorkflows = 100
        bench.configuration.idMappingWorkflows = 100
        bench.configuration.refusesBusyWorkflows = false
        self.bench = bench
        context = bench.context
        context.resultBytes = Self.resultBytes
    }

    /// Gets all pages, and checks that there are several within the limit.
    ///
    /// - Parameters:
    ///   - list: Returns the page of a token.
    ///   - read: Returns the elements of a page, and its token.
    /// - Returns: The elements of all pages.
    private func all<Response>(
        _ list: (_ token: String?) async throws -> Encoded<Response>,
        _ read: (Response) -> (ids: [String], token: String?)
    ) async throws -> [String] {
        var found: [String] = []
        var token: String?
        var pages = 0
        repeat {
            let response = try await list(token)
            #expect(response.json().readableBytes <= Self.resultBytes)
            let page = read(try response.decoded())
            #expect(!page.ids.isEmpty)
            found += page.ids
            token = page.token
            pages += 1
        } while token != nil
        #expect(pages > 1)
        return found
    }

    @Test("Comprehend Medical: each job comes once, in order")
    func comprehendMedical() async throws {
        let backend = try bench.open()
        var ids: [String] = []
        for number in 0..<30 {
            let name = "job-\(number)-" + String(repeating: "n", count: 200)
            ids.append(try await bench.start(backend, .phiDetection, bench.request(name: name)))
        }
        let found = try await all {
            try await backend.comprehendMedical.listJobs(.phiDetection, .init(nextToken: $0), context: context)
        } _: {
            (($0.jobPropertiesList ?? []).compactMap(\.jobID), $0.nextToken)
        }
        #expect(found == ids.reversed())
    }

    @Test("Personalize: each job of either kind comes once, in order")
    func personalize() async throws {
        let backend = try bench.open()
        let role = "arn:aws:iam::123456789012:role/x"
        let names = (0..<30).map { "job-\($0)-" + String(repeating: "n", count: 50) }
        for name in names {
            bench.clock.advance(milliseconds: 1)
            _ = try await backend.personalize.createBatchSegmentJob(
                .init(
                    jobName: name, solutionVersionARN: Self.solution,
                    jobInput: .init(s3DataSource: .init(path: "s3://a/in")),
                    jobOutput: .init(s3DataDestination: .init(path: "s3://a/out/")), roleARN: role), context: context)
            _ = try await backend.personalize.createBatchInferenceJob(
                .init(
                    jobName: name, solutionVersionARN: Self.solution,
                    jobInput: .init(s3DataSource: .init(path: "s3://a/in")),
                    jobOutput: .init(s3DataDestination: .init(path: "s3://a/out/")), roleARN: role), context: context)
        }
        let segments = try await all {
            try await backend.personalize.listBatchSegmentJobs(.init(nextToken: $0), context: context)
        } _: {
            (($0.batchSegmentJobs ?? []).compactMap(\.jobName), $0.nextToken)
        }
        #expect(segments == names.reversed())
        let inferences = try await all {
            try await backend.personalize.listBatchInferenceJobs(.init(nextToken: $0), context: context)
        } _: {
            (($0.batchInferenceJobs ?? []).compactMap(\.jobName), $0.nextToken)
        }
        #expect(inferences == names.reversed())
    }

    @Test("Entity Resolution: each workflow of either kind comes once, by name")
    func workflows() async throws {
        let backend = try bench.open()
        let names = (10..<40).map { "w-\($0)-" + String(repeating: "n", count: 200) }
        for name in names {
            try await bench.createMatchingWorkflow(backend, name)
            try await bench.createIDMappingWorkflow(backend, name)
        }
        let matching = try await all {
            try await backend.entityResolution.listMatchingWorkflows(.init(nextToken: $0), context: context)
        } _: {
            (($0.workflowSummaries ?? []).map(\.workflowName), $0.nextToken)
        }
        #expect(matching == names)
        let mapping = try await all {
            try await backend.entityResolution.listIDMappingWorkflows(.init(nextToken: $0), context: context)
        } _: {
            (($0.workflowSummaries ?? []).map(\.workflowName), $0.nextToken)
        }
        #expect(mapping == names)
    }

    @Test("Entity Resolution: each job of a workflow comes once, in order")
    func workflowJobs() async throws {
        let backend = try bench.open()
        try await bench.createMatchingWorkflow(backend, "people")
        try await bench.createIDMappingWorkflow(backend, "people")
        var (matching, mapping): ([String], [String]) = ([], [])
        for _ in 0..<60 {
            bench.clock.advance(milliseconds: 1)
            let services = backend.entityResolution
            matching.append(try await services.startMatchingJob(.init(workflowName: "people"), context: context).jobID)
            mapping.append(try await services.startIDMappingJob(.init(workflowName: "people"), context: context).jobID)
        }
        // A page has at most 25 jobs, about 2,500 bytes.
        var context = context
        context.resultBytes = 2000
        let listed = try await all {
            try await backend.entityResolution.listMatchingJobs(
                .init(workflowName: "people", nextToken: $0), context: context)
        } _: {
            #expect(($0.jobs ?? []).count < 25)
            return (($0.jobs ?? []).map(\.jobID), $0.nextToken)
        }
        #expect(listed == matching.reversed())
        let mapped = try await all {
            try await backend.entityResolution.listIDMappingJobs(
                .init(workflowName: "people", nextToken: $0), context: context)
        } _: {
            #expect(($0.jobs ?? []).count < 25)
            return (($0.jobs ?? []).map(\.jobID), $0.nextToken)
        }
        #expect(mapped == mapping.reversed())
    }

    @Test("An element over the limit has its own page, and the list continues after it")
    func single() async throws {
        let backend = try bench.open()
        var ids: [String] = []
        for _ in 0..<3 { ids.append(try await bench.start(backend, .phiDetection)) }
        var context = context
        context.resultBytes = 100
        var found: [String] = []
        var token: String?
        for _ in 0..<3 {
            let page = try await backend.comprehendMedical.listJobs(
                .phiDetection, .init(nextToken: token), context: context
            ).decoded()
            found += (page.jobPropertiesList ?? []).compactMap(\.jobID)
            token = page.nextToken
        }
        #expect(found == ids.reversed())
        #expect(token == nil)
    }
}
