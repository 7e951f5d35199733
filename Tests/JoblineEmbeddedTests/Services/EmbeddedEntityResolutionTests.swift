import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Entity Resolution, embedded", .timeLimit(.minutes(1)))
struct EmbeddedEntityResolutionTests {
    @Test("A workflow is shown as created, even after a restart")
    func workflows() async throws {
        let bench = try Bench.matching()
        let request = bench.matchingWorkflow("people")
        let arn = "arn:aws:entityresolution:eu-central-1:123456789012:matchingworkflow/people"
        do {
            let made = try await bench.open().entityResolution.createMatchingWorkflow(request, context: bench.context)
            #expect(
                made
                    == EntityResolution.CreateMatchingWorkflowResponse(
                        workflowName: "people", workflowARN: arn, inputSourceConfig: request.inputSourceConfig,
                        outputSourceConfig: request.outputSourceConfig,
                        resolutionTechniques: request.resolutionTechniques,
                        roleARN: request.roleARN, description: "who is who"))
        }
        let backend = try bench.open()
        let now = bench.clock.now()
        let shown = try await backend.entityResolution.getMatchingWorkflow(
            .init(workflowName: "people"), context: bench.context)
        #expect(
            shown
                == EntityResolution.GetMatchingWorkflowResponse(
                    workflowName: "people", workflowARN: arn, inputSourceConfig: request.inputSourceConfig,
                    outputSourceConfig: request.outputSourceConfig, resolutionTechniques: request.resolutionTechniques,
                    createdAt: now, updatedAt: now, roleARN: request.roleARN, description: "who is who",
                    tags: ["team": "crm"]))
        #expect(await refusal { try await bench.createMatchingWorkflows(backend, "people") }?.code == .alreadyExists)
        let unknown = await refusal {
            try await backend.entityResolution.getMatchingWorkflow(.init(workflowName: "x"), context: bench.context)
        }
        #expect(unknown?.code == .notFound)
    }

    @Test(
        "An unusable workflow is refused with the path of the member",
        arguments: [
            (
                "entityresolution:eu-central-1:123456789012:idnamespace/x", "s3://matches",
                "inputSourceConfig[0].inputSourceARN"
            ),
            ("glue:eu-central-1:123456789012:table/../people", "s3://matches", "inputSourceConfig[0].inputSourceARN"),
            ("glue:eu-central-1:123456789012:table/crm/people", nil, "outputSourceConfig[0].outputS3Path"),
            (
                "glue:eu-central-1:123456789012:table/crm/people", "s3://matches/../x",
                "outputSourceConfig[0].outputS3Path"
            ),
        ])
    func refused(_ table: String, _ output: String?, _ path: String) async throws {
        let bench = try Bench.matching()
        let backend = try bench.open()
        let error = await refusal {
            try await backend.entityResolution.createMatchingWorkflow(
                bench.matchingWorkflow("x", table: "arn:aws:\(table)", output: output), context: bench.context)
        }
        #expect(error?.code == .invalid && error?.path == path)
    }

    @Test("A queued job has a start time, but no end time, metrics or error")
    func queued() async throws {
        let bench = try Bench.matching()
        let backend = try bench.open()
        try await bench.createMatchingWorkflows(backend, "people")
        let id = try await bench.startMatchingJob(backend, "people")
        #expect(
            try await bench.getMatchingJob(backend, "people", id)
                == EntityResolution.GetMatchingJobResponse(
                    jobID: id, status: .queued, startTime: bench.clock.now(),
                    outputSourceConfig: [
                        .init(
                            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)",
                            outputS3Path: "s3://matches/people/")
                    ]))
    }

    @Test("A succeeded job has metrics, and its output in its own folder")
    func success() async throws {
        let bench = try Bench.matching(
            """
            cat > success/stdin; echo x > error/part.csv
            echo '{"metrics":{"inputRecords":3,"totalRecordsProcessed":2,"recordsNotProcessed":1,"matchIDs":0}}'
            """)
        try await bench.run { backend in
            try await bench.createMatchingWorkflows(backend, "people")
            let id = try await bench.startMatchingJob(backend, "people")
            let job = try await bench.endedMatchingJob(backend, "people", id)
            #expect(job.status == .succeeded)
            #expect(
                job.metrics
                    == EntityResolution.JobMetrics(
                        inputRecords: 3, totalRecordsProcessed: 2, recordsNotProcessed: 1, matchIDs: 0))
            #expect(job.errorDetails == nil)
            #expect(
                try bench.sandbox.files("state/buckets/matches") == [
                    "people/\(id)/error/part.csv", "people/\(id)/success/stdin",
                ])
            let told = try #require(bench.sandbox.read("state/buckets/matches/people/\(id)/success/stdin"))
            #expect(
                told.contains(
                    #""request":{"workflowName":"people"},"workflow":{"workflowName":"people","workflowArn":"#))
            #expect(
                told.contains(
                    #""uri":"arn:aws:glue:eu-central-1:123456789012:table/crm/people","schema":\#(Bench.peopleSchema)"#
                ))
        }
    }

    @Test(
        "A failed job has a message and no metrics",
        arguments: [
            ("echo 'no keys' >&2; exit 1", "exit status 1; last line: no keys"),
            (
                #"echo '{"metrics":{"inputRecords":"many"}}'"#,
                "the executor failed: line 1 of its standard output violates the executor contract: "
                    + "metrics.inputRecords expected an integer, found a string"
            ),
            (
                #"echo; echo '{"metrics":{"matchIDs":null,"inputRecord":10}}'"#,
                "the executor failed: line 2 of its standard output violates the executor contract: "
                    + "metrics.inputRecord is not a metric of a Matching job"
            ),
        ])
    func failure(_ script: String, _ message: String) async throws {
        let bench = try Bench.matching(script)
        try await bench.run { backend in
            try await bench.createMatchingWorkflows(backend, "people")
            let job = try await bench.endedMatchingJob(
                backend, "people", try await bench.startMatchingJob(backend, "people"))
            #expect(job.status == .failed)
            #expect(job.errorDetails == EntityResolution.ErrorDetails(errorMessage: message))
            #expect(job.metrics == nil)
        }
        #expect(!bench.sandbox.exists("state/buckets/matches"))
    }

    @Test("One job runs at a time by default, others wait, and a busy workflow refuses another job")
    func oneAtATime() async throws {
        let bench = try Bench.matching("echo $JOBLINE_JOB_ID > ../../../../turn; cat ../../../../go > /dev/null")
        let (turn, go) = (try bench.sandbox.pipe("turn"), try bench.sandbox.pipe("go"))
        try await bench.run { [bench] backend in
            try await bench.createMatchingWorkflows(backend, "a", "b")
            let first = try await bench.startMatchingJob(backend, "a")
            #expect(try await turn.read() == first + "\n")
            let second = try await bench.startMatchingJob(backend, "b")
            for name in ["a", "b"] {
                let error = await refusal { try await bench.startMatchingJob(backend, name) }
                #expect(error?.code == .conflict && error?.path == "workflowName")
            }
            #expect(try await bench.getMatchingJob(backend, "a", first).status == .running)
            #expect(try await bench.getMatchingJob(backend, "b", second).status == .queued)
            try await go.write("")
            #expect(try await turn.read() == second + "\n")
            #expect(try await bench.getMatchingJob(backend, "a", first).status == .succeeded)
            let third = try await bench.startMatchingJob(backend, "a")
            try await go.write("")
            #expect(try await turn.read() == third + "\n")
            try await go.write("")
            #expect(try await bench.endedMatchingJob(backend, "a", third).status == .succeeded)
        }
    }

    @Test("The configured number of jobs run concurrently")
    func concurrency() async throws {
        // Each job has its own pipes, so that no job reads the input of another one.
        var bench = try Bench.matching("cd ../../../..; echo > up-$JOBLINE_JOB_ID; cat go-$JOBLINE_JOB_ID > /dev/null")
        bench.configuration.executors[.matching]?.concurrency = 2
        let ids = (1...3).map(CountingIDs.id)
        let up = try ids.map { try bench.sandbox.pipe("up-\($0)") }
        let go = try ids.map { try bench.sandbox.pipe("go-\($0)") }
        try await bench.run { [bench] backend in
            let names = ["a", "b", "c"]
            for name in names { try await bench.createMatchingWorkflows(backend, name) }
            for (name, id) in zip(names, ids) { #expect(try await bench.startMatchingJob(backend, name) == id) }
            _ = try await (up[0].read(), up[1].read())
            #expect(try await bench.getMatchingJob(backend, "c", ids[2]).status == .queued)
            try await go[1].write("")
            _ = try await up[2].read()
            #expect(try await bench.getMatchingJob(backend, "a", ids[0]).status == .running)
            try await go[0].write("")
            try await go[2].write("")
            for (name, id) in zip(names, ids) {
                #expect(try await bench.endedMatchingJob(backend, name, id).status == .succeeded)
            }
        }
    }

    @Test("Jobs belong to their workflow")
    func belong() async throws {
        let bench = try Bench.matching()
        try await bench.run { backend in
            try await bench.createMatchingWorkflows(backend, "a", "b")
            var ids: [String] = []
            for _ in 0..<3 {
                ids.append(try await bench.startMatchingJob(backend, "a"))
                _ = try await bench.endedMatchingJob(backend, "a", ids[ids.count - 1])
                bench.clock.advance(milliseconds: 1)
            }
            let other = try await bench.startMatchingJob(backend, "b")
            #expect(await refusal { try await bench.getMatchingJob(backend, "a", other) }?.code == .notFound)
            #expect(await refusal { try await bench.getMatchingJob(backend, "x", other) }?.code == .notFound)
            let first = try await backend.entityResolution.listMatchingJobs(
                .init(workflowName: "a", maxResults: 2), context: bench.context
            ).decoded()
            #expect(first.jobs?.map(\.jobID) == [ids[2], ids[1]])
            #expect(first.jobs?.allSatisfy { $0.status == .succeeded && $0.endTime != nil } == true)
            let second = try await backend.entityResolution.listMatchingJobs(
                .init(workflowName: "a", nextToken: first.nextToken, maxResults: 2), context: bench.context
            ).decoded()
            #expect(second.jobs?.map(\.jobID) == [ids[0]])
            #expect(second.nextToken == nil)
            let foreign = await refusal {
                try await backend.entityResolution.listMatchingJobs(
                    .init(workflowName: "b", nextToken: first.nextToken), context: bench.context
                ).decoded()
            }
            #expect(foreign?.code == .invalidToken)
            let unknown = await refusal {
                try await backend.entityResolution.listMatchingJobs(.init(workflowName: "x"), context: bench.context)
                    .decoded()
            }
            #expect(unknown?.code == .notFound)
            #expect(await refusal { try await bench.startMatchingJob(backend, "x") }?.code == .notFound)
        }
    }
}
