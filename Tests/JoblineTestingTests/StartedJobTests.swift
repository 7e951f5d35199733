import JoblineBackend
import Jobline
import JoblineTesting
import Testing

@Suite("Jobs that were started", .timeLimit(.minutes(1)))
struct StartedJobTests {
    @Test("Started jobs have a reference that every other call accepts, and can be awaited directly")
    func references() async throws {
        try await withJobline { jobline in
            let client = jobline.client
            try jobline.scriptAll(.immediately(.succeeded))
            let note = try await client.startRxNorm()
            #expect(note.reference == .comprehendMedical(.rxNormInference, note.jobID ?? ""))
            #expect(try await client.waitUntilTerminal(note).reference == note.reference)

            let segment = try await client.createSegment("june")
            #expect(segment.reference == .batchSegment(arn: segment.batchSegmentJobARN ?? ""))
            #expect(try await client.waitUntilTerminal(segment).state == .succeeded)

            try await client.createMatchingWorkflow("people")
            let matching = try await client.entityResolution.startMatchingJob(workflowName: "people")
            #expect(matching.reference == .matching(workflow: "people", jobID: matching.jobID))
            #expect(try await client.waitUntilTerminal(matching).state == .succeeded)
            #expect(try await client.job(matching.reference).state == .succeeded)
        }
    }

    @Test("A missing job is nil; any other failure is an error")
    func ifFound() async throws {
        try await withJobline { jobline in
            let client = jobline.client
            let started = try await client.startRxNorm()
            #expect(try await client.jobIfFound(started.reference)?.state == .queued)
            let missing = JobReference.comprehendMedical(.rxNormInference, String(repeating: "0", count: 32))
            #expect(try await client.jobIfFound(missing) == nil)
            #expect(try await client.jobIfFound(.matching(workflow: "nosuch", jobID: missing.id)) == nil)
            try jobline.inject(.internalError(), next: 3, of: describeMethod)
            let failure = await failure { () throws(JoblineError) in try await client.jobIfFound(started.reference) }
            #expect(failure?.code == .server)
        }
    }

    @Test("Errors of calls about a job name the job and the method")
    func errors() async throws {
        try await withJobline { jobline in
            let client = jobline.client
            let id = String(repeating: "0", count: 32)
            let missing = JobReference.comprehendMedical(.rxNormInference, id)
            let described = await failure { () throws(JoblineError) in
                try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
            }
            #expect(described?.method == describeMethod)
            #expect(described?.job == missing)
            #expect(described?.description.hasPrefix("notFound: \(describeMethod) of RxNormInference/\(id): ") == true)
            #expect(await failure { () throws(JoblineError) in try await client.job(missing) }?.job == missing)
            let waited = await failure { () throws(JoblineError) in try await client.waitUntilTerminal(missing) }
            #expect(waited?.description.hasPrefix("notFound: Sidecar.WatchJobs of RxNormInference/\(id): ") == true)
            let listed = await failure { () throws(JoblineError) in
                try await client.entityResolution.listMatchingJobs(workflowName: "nosuch")
            }
            #expect(listed?.description.hasPrefix("notFound: EntityResolution.ListMatchingJobs: ") == true)
        }
    }
}
