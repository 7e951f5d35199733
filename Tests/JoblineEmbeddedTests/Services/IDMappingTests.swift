import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineEmbedded

@Suite("ID mapping, embedded", .timeLimit(.minutes(1)))
struct IDMappingTests {
    private func bench(_ script: String = "exit 0", matching: String = "exit 0") throws -> Bench {
        let bench = try Bench(scripts: [.idMapping: script, .matching: matching])
        try bench.sandbox.write("id,name\n1,Ann\n", to: "state/tables/crm/people/part.csv")
        return bench
    }

    private func start(
        _ bench: Bench, _ backend: EmbeddedBackend, _ name: String, output: String? = nil,
        type: EntityResolution.JobType? = nil
    ) async throws -> EntityResolution.StartIdMappingJobResponse {
        try await backend.entityResolution.startIDMappingJob(
            .init(
                workflowName: name,
                outputSourceConfig: output.map { [.init(roleARN: Bench.role, outputS3Path: $0)] }, jobType: type),
            context: bench.context)
    }

    private func get(
        _ bench: Bench, _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetIdMappingJobResponse {
        try await backend.entityResolution.getIDMappingJob(
            .init(workflowName: name, jobID: id), context: bench.context)
    }

    private func end(
        _ bench: Bench, _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetIdMappingJobResponse {
        try await backend.ended(id, hasEnded: { $0.endTime != nil }) {
            try await get(bench, backend, name, id)
        }
    }

    @Test("A workflow is shown as created and as updated")
    func workflow() async throws {
        let bench = try bench()
        let backend = try bench.open()
        let request = bench.idMappingWorkflow("people")
        let arn = "arn:aws:entityresolution:eu-central-1:123456789012:idmappingworkflow/people"
        let made = try await backend.entityResolution.createIDMappingWorkflow(request, context: bench.context)
        #expect(
            made
                == EntityResolution.CreateIdMappingWorkflowResponse(
                    workflowName: "people", workflowARN: arn, inputSourceConfig: request.inputSourceConfig,
                    idMappingTechniques: request.idMappingTechniques, outputSourceConfig: request.outputSourceConfig,
                    roleARN: Bench.role, description: "who is whose"))
        let created = bench.clock.now()
        bench.clock.advance(seconds: 1)
        let changed = try await backend.entityResolution.updateIDMappingWorkflow(
            .init(
                workflowName: "people", inputSourceConfig: request.inputSourceConfig,
                idMappingTechniques: request.idMappingTechniques, description: "changed"), context: bench.context)
        #expect(changed.workflowARN == arn && changed.outputSourceConfig == nil)
        let shown = try await backend.entityResolution.getIDMappingWorkflow(
            .init(workflowName: "people"), context: bench.context)
        #expect(
            shown
                == EntityResolution.GetIdMappingWorkflowResponse(
                    workflowName: "people", workflowARN: arn, createdAt: created, updatedAt: bench.clock.now(),
                    inputSourceConfig: request.inputSourceConfig, idMappingTechniques: request.idMappingTechniques,
                    description: "changed", tags: ["team": "crm"]))
    }

    @Test("A queued job shows its output and its type")
    func queued() async throws {
        let bench = try bench()
        let backend = try bench.open()
        try await bench.createIDMappingWorkflow(backend, "people")
        let answer = try await start(bench, backend, "people")
        #expect(answer.outputSourceConfig == nil && answer.jobType == .batch)
        #expect(
            try await get(bench, backend, "people", answer.jobID)
                == EntityResolution.GetIdMappingJobResponse(
                    jobID: answer.jobID, status: .queued, startTime: bench.clock.now(),
                    outputSourceConfig: [.init(roleARN: Bench.role, outputS3Path: "s3://maps/people/")],
                    jobType: .batch))
    }

    @Test("A job may name its output, and has to if the workflow does not")
    func output() async throws {
        let bench = try bench("echo done > success/map.csv")
        try await bench.run { backend in
            _ = try await backend.entityResolution.createIDMappingWorkflow(
                bench.idMappingWorkflow("people", output: nil, role: nil), context: bench.context)
            let refused = await refusal { try await start(bench, backend, "people") }
            #expect(refused?.code == .invalid && refused?.path == "outputSourceConfig")
            let answer = try await start(bench, backend, "people", output: "s3://mine/x/", type: .incremental)
            #expect(answer.outputSourceConfig?.first?.outputS3Path == "s3://mine/x/")
            #expect(answer.jobType == .incremental)
            let job = try await end(bench, backend, "people", answer.jobID)
            #expect(job.status == .succeeded)
            #expect(job.outputSourceConfig == answer.outputSourceConfig)
            #expect(job.jobType == .incremental)
            #expect(try bench.sandbox.files("state/buckets/mine") == ["x/\(answer.jobID)/success/map.csv"])
            #expect(bench.sandbox.exists("state/buckets/mine/x/\(answer.jobID)/error"))
        }
    }

    @Test("The executor gets the types of the inputs, and reports the metrics of the family")
    func executor() async throws {
        let bench = try bench(
            #"cat > told; echo '{"metrics":{"inputRecords":2,"totalMappedRecords":1,"uniqueRecordsLoaded":2}}'"#)
        try await bench.run { backend in
            try await bench.createIDMappingWorkflow(backend, "people")
            let id = try await start(bench, backend, "people", type: .batch).jobID
            let job = try await end(bench, backend, "people", id)
            #expect(job.metrics == .init(inputRecords: 2, totalMappedRecords: 1, uniqueRecordsLoaded: 2))
            let told = try #require(bench.sandbox.read("state/buckets/maps/people/\(id)/told"))
            #expect(told.contains(#""family":"IdMapping""#))
            #expect(told.contains(#""request":{"workflowName":"people","jobType":"BATCH"}"#))
            #expect(
                told.contains(#""uri":"\#(Bench.people)","schema":\#(Bench.peopleSchema),"type":"SOURCE"}"#))
            #expect(told.contains(#""uri":"\#(Bench.people)","type":"TARGET"}"#))
        }
    }

    @Test("The input of a matching workflow is the output of its newest job")
    func chained() async throws {
        let bench = try bench(
            "cat \"$(sed 's/.*\"path\":\"\\([^\"]*\\)\",\"uri\":\"[^\"]*matchingworkflow.*/\\1/')\"/* > told",
            matching: "echo $JOBLINE_JOB_ID > success/matched.csv")
        let target = "arn:aws:entityresolution:eu-central-1:123456789012:matchingworkflow/merge"
        try await bench.run { backend in
            try await bench.createMatchingWorkflow(backend, "merge")
            _ = try await backend.entityResolution.createIDMappingWorkflow(
                bench.idMappingWorkflow("people", target: target), context: bench.context)
            let early = try await end(bench, backend, "people", try await start(bench, backend, "people").jobID)
            #expect(early.errorDetails?.errorMessage == "the matching workflow merge has no job that succeeded")
            _ = try await bench.matchingJob(backend, "merge")
            bench.clock.advance(milliseconds: 1)
            let newest = try await bench.matchingJob(backend, "merge")
            let id = try await start(bench, backend, "people").jobID
            #expect(try await end(bench, backend, "people", id).status == .succeeded)
            #expect(bench.sandbox.read("state/buckets/maps/people/\(id)/told") == newest + "\n")
        }
    }

    @Test("A matching workflow whose newest job wrote nothing is not an input")
    func emptyChain() async throws {
        let bench = try bench("touch ../../../../ran")
        let target = "arn:aws:entityresolution:eu-central-1:123456789012:matchingworkflow/merge"
        try await bench.run { backend in
            try await bench.createMatchingWorkflow(backend, "merge")
            _ = try await bench.matchingJob(backend, "merge")
            _ = try await backend.entityResolution.createIDMappingWorkflow(
                bench.idMappingWorkflow("people", target: target), context: bench.context)
            let job = try await end(bench, backend, "people", try await start(bench, backend, "people").jobID)
            #expect(job.status == .failed)
            #expect(job.errorDetails?.errorMessage == "\(target) has no content")
        }
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("A workflow is found by its ARN, and by no other ARN")
    func names() async throws {
        let bench = try bench()
        let backend = try bench.open()
        try await bench.createIDMappingWorkflow(backend, "people")
        let arn = "arn:aws:entityresolution:eu-central-1:123456789012:idmappingworkflow/people"
        let id = try await start(bench, backend, arn).jobID
        #expect(try await get(bench, backend, arn, id).jobID == id)
        let jobs = try await backend.entityResolution.listIDMappingJobs(
            .init(workflowName: arn), context: bench.context
        ).decoded()
        #expect(jobs.jobs?.map(\.jobID) == [id])
        let elsewhere = "arn:aws:entityresolution:eu-west-1:123456789012:idmappingworkflow/people"
        #expect(await refusal { try await get(bench, backend, elsewhere, id) }?.code == .notFound)
        #expect(await refusal { try await start(bench, backend, "") }?.code == .notFound)
    }

    @Test("Unsupported inputs are refused with the path of the member")
    func refused() async throws {
        let bench = try bench()
        let backend = try bench.open()
        for target in [
            "arn:aws:entityresolution:eu-central-1:123456789012:idnamespace/x",
            "arn:aws:glue:eu-central-1:123456789012:table/../people",
        ] {
            let error = await refusal {
                try await backend.entityResolution.createIDMappingWorkflow(
                    bench.idMappingWorkflow("x", target: target), context: bench.context)
            }
            #expect(error?.code == .invalid && error?.path == "inputSourceConfig[1].inputSourceARN")
        }
    }

    @Test("ID mapping jobs and matching jobs run concurrently")
    func queues() async throws {
        let bench = try bench(
            "echo $JOBLINE_JOB_ID > ../../../../turn; cat ../../../../go > /dev/null",
            matching: "cat ../../../../never")
        let (turn, go) = (try bench.sandbox.pipe("turn"), try bench.sandbox.pipe("go"))
        _ = try bench.sandbox.pipe("never")
        try await bench.run { backend in
            try await bench.createMatchingWorkflow(backend, "merge")
            for name in ["a", "b"] { try await bench.createIDMappingWorkflow(backend, name) }
            _ = try await backend.entityResolution.startMatchingJob(
                .init(workflowName: "merge"), context: bench.context)
            let first = try await start(bench, backend, "a").jobID
            #expect(try await turn.read() == first + "\n")
            let second = try await start(bench, backend, "b").jobID
            #expect(await refusal { try await start(bench, backend, "a") }?.code == .conflict)
            #expect(try await get(bench, backend, "b", second).status == .queued)
            try await go.write("")
            #expect(try await turn.read() == second + "\n")
            try await go.write("")
            #expect(try await end(bench, backend, "b", second).status == .succeeded)
        }
    }
}
