import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite("Lists of jobs", .timeLimit(.minutes(1)))
struct JobListTests {
    /// Serves two pages of `method`, if it is asked as it should be.
    static func pages(
        _ method: String, _ params: String, _ member: String, _ first: String, _ second: String
    ) -> @Sendable (ScriptedPeer.Client) async throws -> Void {
        let token = method.hasPrefix("Comp") ? "NextToken" : "nextToken"
        return { client in
            let one = try await client.next()
            guard one?.method == method, one?.params.map({ String(buffer: $0) }) == params else { return }
            try await client.answer(one, "{\"\(member)\":[\(first)],\"\(token)\":\"2\"}")
            let two = try await client.next()
            guard two?.params.map({ String(buffer: $0).contains("\"\(token)\":\"2\"") }) == true else { return }
            try await client.answer(two, "{\"\(member)\":[\(second)]}")
            _ = try await client.next()
        }
    }

    static func references(_ list: PagedSequence<Job, Job.Page>) async throws -> [JobReference] {
        var references: [JobReference] = []
        for try await job in list { references.append(job.reference) }
        return references
    }

    @Test("Of Comprehend Medical, each family with its own method", arguments: ComprehendMedical.Family.allCases)
    func comprehendMedical(_ family: ComprehendMedical.Family) async throws {
        let script = Self.pages(
            "ComprehendMedical.List\(family.rawValue)Jobs", #"{"Filter":{"JobName":"june"},"MaxResults":1}"#,
            "ComprehendMedicalAsyncJobPropertiesList", #"{"JobId":"a"}"#, #"{"JobId":"b"}"#)
        let found = try await JoblineClientTests.run(script: script) { client in
            try await Self.references(client.jobs(JobFamily(family), filter: .name("june"), pageSize: 1))
        }
        #expect(found == [.comprehendMedical(family, "a"), .comprehendMedical(family, "b")])
    }

    @Test("Of Personalize, of one trained model")
    func personalize() async throws {
        let params = #"{"solutionVersionArn":"s"}"#
        let segments = try await JoblineClientTests.run(
            script: Self.pages(
                "Personalize.ListBatchSegmentJobs", params, "batchSegmentJobs", #"{"batchSegmentJobArn":"a"}"#,
                #"{"batchSegmentJobArn":"b"}"#)
        ) { try await Self.references($0.jobs(.batchSegment, filter: .solutionVersion(arn: "s"))) }
        #expect(segments == [.batchSegment(arn: "a"), .batchSegment(arn: "b")])
        let inferences = try await JoblineClientTests.run(
            script: Self.pages(
                "Personalize.ListBatchInferenceJobs", params, "batchInferenceJobs", #"{"batchInferenceJobArn":"a"}"#, ""
            )
        ) { try await Self.references($0.jobs(.batchInference, filter: .solutionVersion(arn: "s"))) }
        #expect(inferences == [.batchInference(arn: "a")])
    }

    @Test("Of Entity Resolution, of one workflow")
    func entityResolution() async throws {
        let a = #"{"jobId":"a","status":"QUEUED","startTime":1}"#
        let params = #"{"workflowName":"w"}"#
        let matching = try await JoblineClientTests.run(
            script: Self.pages("EntityResolution.ListMatchingJobs", params, "jobs", a, a)
        ) { try await Self.references($0.jobs(.matching, workflow: "w")) }
        #expect(matching == [.matching(workflow: "w", jobID: "a"), .matching(workflow: "w", jobID: "a")])
        let mapping = try await JoblineClientTests.run(
            script: Self.pages("EntityResolution.ListIdMappingJobs", params, "jobs", a, "")
        ) { try await Self.references($0.jobs(.idMapping, workflow: "w")) }
        #expect(mapping == [.idMapping(workflow: "w", jobID: "a")])
    }

    @Test("A list of a service yields its own elements and responses")
    func typed() async throws {
        let script = Self.pages(
            "ComprehendMedical.ListRxNormInferenceJobs", "{}", "ComprehendMedicalAsyncJobPropertiesList",
            #"{"JobId":"a"}"#, #"{"JobId":"b"},{"JobId":"c"}"#)
        let ids = try await JoblineClientTests.run(script: script) { client in
            var ids: [String?] = []
            for try await job in client.comprehendMedical.rxNormInferenceJobs() { ids.append(job.jobID) }
            return ids
        }
        #expect(ids == ["a", "b", "c"])
        let sizes = try await JoblineClientTests.run(script: script) { client in
            var sizes: [Int?] = []
            for try await page in client.comprehendMedical.rxNormInferenceJobs().pages {
                sizes.append(page.jobPropertiesList?.count)
            }
            return sizes
        }
        #expect(sizes == [1, 2])
    }

    @Test(
        "A filter that the family does not have is an error without a daemon",
        arguments: [
            (.rxNormInference, .solutionVersion(arn: "s")), (.batchSegment, .name("june")),
            (.matching, .name("june")), (.matching, nil), (JobFamily(rawValue: "Transcription"), nil),
        ] as [(JobFamily, Job.Filter?)])
    func invalid(_ family: JobFamily, _ filter: Job.Filter?) async {
        let client = JoblineClient(
            configuration: JoblineClient.Configuration(socketPath: ScriptedPeer.uniquePath(), waitsForDaemon: false))
        let failure = await JoblineClientTests.failure { () async throws(JoblineError) in
            for try await _ in client.jobs(family, filter: filter) {}
        }
        #expect(failure?.code == .invalid)
        await client.close()
    }
}
