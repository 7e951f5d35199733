import Jobline
import JoblineTesting
import Testing

@Suite("Jobs in the hands of a test", .timeLimit(.minutes(1)))
struct TestJobTests {
    @Test("A job goes step by step")
    func steps() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .submitted)
            try await job.run()
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .inProgress)
            jobline.clock.advance(by: .seconds(90))
            try await job.succeed(output: ["input-1.txt.out": "found"])
            let shown = try await jobline.client.rxNorm(job)
            #expect(shown?.jobStatus == .completed)
            #expect(shown?.endTime == jobline.clock.now)
            let output = try await job.output()
            #expect(output["input-1.txt.out"] == "found")
            #expect(
                output.keys.sorted() == ["Manifest", "input-1.txt.out", "input-2.txt.out", "success", "unprocessed"])
            #expect(output["Manifest"]?.contains("\"TotalDurationSeconds\":90") == true)
        }
    }

    @Test("A job that fails shows why")
    func failed() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await job.fail("the notes are not in English")
            let shown = try await jobline.client.rxNorm(job)
            #expect(shown?.jobStatus == .failed)
            #expect(shown?.message == "the notes are not in English")
        }
    }

    @Test("A job ends in part, without the files that the test leaves out")
    func partial() async throws {
        try await withJobline { jobline in
            try jobline.put("aspirin", at: "s3://notes/june/a.txt")
            try jobline.put("ibuprofen", at: "s3://notes/june/b.txt")
            let job = try await jobline.job(try await jobline.client.startRxNorm(input: "june/"))
            try await job.partial(unprocessed: ["a.txt": "unreadable"])
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .partialSuccess)
            let output = try await job.output()
            #expect(output["b.txt.out"] != nil && output["a.txt.out"] == nil)
            #expect(output["unprocessed"]?.contains("unreadable") == true)
        }
    }

    @Test("Progress of a job reaches those who wait for it")
    func progress() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            var watch = jobline.client.watch(.comprehendMedical(.rxNormInference, job.id), until: .terminal)
                .makeAsyncIterator()
            #expect(try await watch.next()?.state == .queued)
            try await job.run()
            var seen = try #require(try await watch.next())
            #expect(seen.state == .running)
            try await job.report(progress: 0.25)
            while seen.progress != 0.25 { seen = try #require(try await watch.next()) }
            try await job.succeed()
            while seen.state != .succeeded { seen = try #require(try await watch.next()) }
            #expect(try await watch.next() == nil)
        }
    }

    @Test("A job that a client stops is stopped, and takes no more steps")
    func stopped() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await job.run()
            _ = try await jobline.client.comprehendMedical.stopRxNormInferenceJob(jobID: job.id)
            try await job.waitUntil(.stopped)
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .stopped)
            let error = await refusal { () throws(TestServerError) in try await job.succeed() }
            #expect(error?.code == .jobState)
            #expect(error?.message == "RxNormInference job \(job.id) is STOPPED: it does not run")
        }
    }

    @Test("Jobs leave the queue in the order in which the test runs them")
    func anyOrder() async throws {
        try await withJobline { jobline in
            let first = try await jobline.job(try await jobline.client.startRxNorm())
            let second = try await jobline.job(try await jobline.client.startRxNorm())
            try await second.succeed()
            #expect(try await first.state == .queued)
            #expect(try await second.state == .succeeded)
        }
    }

    @Test("A script plays every job of its family, including queued ones")
    func script() async throws {
        try await withJobline { jobline in
            let early = try await jobline.job(try await jobline.client.startRxNorm())
            try jobline.script(.rxNormInference) { job in
                try await job.write("{\"job\":\"\(job.id)\"}", to: "input-1.txt.out")
            }
            let late = try await jobline.job(try await jobline.client.startRxNorm())
            for job in [early, late] {
                try await job.waitUntil(.succeeded)
                #expect(try await job.output()["input-1.txt.out"] == "{\"job\":\"\(job.id)\"}")
            }
        }
    }

    @Test("A script that throws fails its job")
    func throwingScript() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "no model" }
        try await withJobline { jobline in
            try jobline.script(.rxNormInference) { _ in throw Broken() }
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await job.waitUntil(.failed)
            #expect(try await jobline.client.rxNorm(job)?.message == "the script of the job threw: no model")
        }
    }

    @Test("Jobs of all services end at once if configured", arguments: [true, false])
    func immediately(succeeds: Bool) async throws {
        try await withJobline { jobline in
            try jobline.scriptAll(.immediately(succeeds ? .succeeded : .failed("no")))
            let client = jobline.client
            try await client.createMatchingWorkflow("people")
            let jobs = [
                try await jobline.job(try await client.startRxNorm()),
                try await jobline.job(try await client.createSegment("spring")),
                try await jobline.job(try await client.entityResolution.startMatchingJob(workflowName: "people")),
            ]
            for job in jobs { try await job.waitUntil(succeeds ? .succeeded : .failed) }
            #expect(jobs.map(\.family) == [.rxNormInference, .batchSegment, .matching])
        }
    }

    @Test("A matching job has the numbers that it is given")
    func metrics() async throws {
        try await withJobline { jobline in
            try await jobline.client.createMatchingWorkflow("people")
            let started = try await jobline.client.entityResolution.startMatchingJob(workflowName: "people")
            let job = try await jobline.job(started)
            try await job.report(metrics: EntityResolution.JobMetrics(inputRecords: 10, matchIDs: 4))
            try await job.succeed()
            let shown = try await jobline.client.entityResolution.getMatchingJob(
                workflowName: "people", jobID: job.id)
            #expect(shown.status == .succeeded)
            #expect(shown.metrics?.inputRecords == 10 && shown.metrics?.matchIDs == 4)
            #expect(job.reference == .matching(workflow: "people", jobID: job.id))
        }
    }

    @Test("The test finds the job that the program started")
    func nextJob() async throws {
        try await withJobline { jobline in
            async let first = jobline.nextJob(.rxNormInference)
            let started = try await jobline.client.startRxNorm()
            #expect(try await first.id == started.jobID)
            let again = try await jobline.client.startRxNorm()
            #expect(try await jobline.nextJob(.rxNormInference).id == again.jobID)
        }
    }

    @Test("The error for an unknown job lists the existing jobs")
    func unknownJob() async throws {
        try await withJobline(configuration: .init(stepTimeout: .milliseconds(20))) { jobline in
            let none = await refusal { () throws(TestServerError) in try await jobline.job("x") }
            #expect(none?.message == "there is no job x; none was started")
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            let error = await refusal { () throws(TestServerError) in try await jobline.job("x") }
            #expect(error?.code == .noJob)
            #expect(error?.message == "there is no job x; started were: RxNormInference job \(job.id)")
            let late = await refusal { () throws(TestServerError) in try await jobline.nextJob(.matching) }
            #expect(late?.code == .timeout)
        }
    }

    @Test("A second matching job waits for the first, and says so")
    func oneAtATime() async throws {
        try await withJobline { jobline in
            var jobs: [TestJob] = []
            for name in ["people", "places"] {
                try await jobline.client.createMatchingWorkflow(name)
                jobs.append(
                    try await jobline.job(
                        try await jobline.client.entityResolution.startMatchingJob(workflowName: name)))
            }
            let (first, second) = (jobs[0], jobs[1])
            try await first.run()
            let error = await refusal { () throws(TestServerError) in try await second.run() }
            #expect(error?.code == .jobState)
            #expect(
                error?.message == "Matching job \(second.id) is QUEUED: \(first.id) runs, and has to end first: "
                    + "of its kind 1 run at a time")
            try await first.succeed()
            try await second.succeed()
        }
    }

    @Test("A job without input fails if configured")
    func missingInput() async throws {
        try await withJobline(configuration: .init(suppliesInput: false)) { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm(input: "june/"))
            let error = await refusal { () throws(TestServerError) in try await job.run() }
            #expect(error?.code == .jobState)
            #expect(try await jobline.client.rxNorm(job)?.message == "s3://notes/june/ does not exist")
        }
    }
}
