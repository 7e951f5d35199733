import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite("Jobs of any service", .timeLimit(.minutes(1)))
struct JoblineClientJobsTests {
    @Test(
        "Each family has its own method",
        arguments: ComprehendMedical.Family.allCases.map { family in
            (
                JobReference.comprehendMedical(family, "x"), "ComprehendMedical.Describe\(family.rawValue)Job",
                #"{"ComprehendMedicalAsyncJobProperties":{"JobId":"x","JobStatus":"IN_PROGRESS"}}"#
            )
        } + [
            (
                .batchSegment(arn: "x"), "Personalize.DescribeBatchSegmentJob",
                #"{"batchSegmentJob":{"batchSegmentJobArn":"x","status":"IN PROGRESS"}}"#
            ),
            (
                .batchInference(arn: "x"), "Personalize.DescribeBatchInferenceJob",
                #"{"batchInferenceJob":{"batchInferenceJobArn":"x","status":"IN PROGRESS"}}"#
            ),
            (
                .matching(workflow: "w", jobID: "x"), "EntityResolution.GetMatchingJob",
                #"{"jobId":"x","status":"RUNNING","startTime":1}"#
            ),
            (
                .idMapping(workflow: "w", jobID: "x"), "EntityResolution.GetIdMappingJob",
                #"{"jobId":"x","status":"RUNNING","startTime":1}"#
            ),
        ])
    func describe(_ reference: JobReference, _ method: String, _ answer: String) async throws {
        let job = try await JoblineClientTests.run(script: { client in
            let request = try await client.next()
            if request?.method == method { try await client.answer(request, answer) }
            _ = try await client.next()
        }) { try await $0.job(reference) }
        #expect(job.reference == reference)
        #expect(job.state == .running)
    }

    @Test("Invalid requests fail without a daemon")
    func refusedHere() async {
        let client = JoblineClient(
            configuration: JoblineClient.Configuration(socketPath: ScriptedPeer.uniquePath(), waitsForDaemon: false))
        let noStop = await JoblineClientTests.failure { () async throws(JoblineError) in
            try await client.stop(.batchSegment(arn: "x"))
        }
        #expect(noStop?.code == .refused)
        #expect(noStop?.message == "Personalize has no call that stops a job: wait for its end")
        #expect(noStop?.attempts == 0)
        let noWorkflow = await JoblineClientTests.failure { () async throws(JoblineError) in
            try await client.job(JobReference(family: .matching, id: "x"))
        }
        #expect(noWorkflow?.code == .invalid)
        let noFamily = await JoblineClientTests.failure { () async throws(JoblineError) in
            try await client.job(JobReference(family: JobFamily(rawValue: "Transcription"), id: "x"))
        }
        #expect(noFamily?.code == .invalid)
        await client.close()
    }

    @Test("A response without a job is an error")
    func noJob() async throws {
        let failure = try await JoblineClientTests.run(script: JoblineClientTests.echo) { client in
            await JoblineClientTests.failure { () async throws(JoblineError) in
                try await client.job(.batchSegment(arn: "x"))
            }
        }
        #expect(failure?.code == .decoding)
    }
}
