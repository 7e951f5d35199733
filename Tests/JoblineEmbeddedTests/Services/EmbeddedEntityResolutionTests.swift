import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Entity Resolution, embedded", .timeLimit(.minutes(1)))
struct EmbeddedEntityResolutionTests {
    private func bench(_ script: String = "exit 0") throws -> Bench {
        let bench = try Bench(scripts: [.matching: script])
        try bench.sandbox.write("id,name\n1,Ann\n", to: "state/tables/crm/people/part.csv")
        return bench
    }

    private func create(_ bench: Bench, _ backend: EmbeddedBackend, _ names: String...) async throws {
        for name in names { try await bench.createMatchingWorkflow(backend, name) }
    }

    private func start(_ bench: Bench, _ backend: EmbeddedBackend, _ name: String) async throws -> String {
        try await backend.entityResolution.startMatchingJob(.init(workflowName: name), context: bench.context).jobID
    }

    private func get(
        _ bench: Bench, _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await backend.entityResolution.getMatchingJob(
            .init(workflowName: name, jobID: id), context: bench.context)
    }

    private func end(
        _ bench: Bench, _ backend: EmbeddedBackend, _ name: String, _ id: String
    ) async throws -> EntityResolution.GetMatchingJobResponse {
        try await backend.ended(id, hasEnded: { $0.endTime != nil }) {
            try await get(bench, backend, name, id)
        }
    }

    @Test("A workflow is shown as it was made, also after a restart")
    func workflows() async throws {
        let bench = try bench()
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
        #expect(await refusal { try await create(bench, backend, "people") }?.code == .alreadyExists)
        let unknown = await refusal {
            try await backend.entityResolution.getMatchingWorkflow(.init(workflowName: "x"), context: bench.context)
        }
        #expect(unknown?.code == .notFound)
    }

    @Test(
        "A workflow that no job could run is refused by the member's name",
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
        let bench = try bench()
        let backend = try bench.open()
        let error = await refusal {
            try await backend.entityResolution.createMatchingWorkflow(
                bench.matchingWorkflow("x", table: "arn:aws:\(table)", output: output), context: bench.context)
        }
        #expect(error?.code == .invalid && error?.path == path)
    }

    @Test("A queued job has a start time, and neither end, metrics nor error")
    func queued() async throws {
        let bench = try bench()
        let backend = try bench.open()
        try await create(bench, backend, "people")
        let id = try await start(bench, backend, "people")
        #expect(
            try await get(bench, backend, "people", id)
                == EntityResolution.GetMatchingJobResponse(
                    jobID: id, status: .queued, startTime: bench.clock.now(),
                    outputSourceConfig: [
                        .init(
                            roleARN: "arn:aws:iam::123456789012:role/\(Secret.word)",
                            outputS3Path: "s3://matches/people/")
                    ]))
    }

    @Test("A job that goes well has its metrics, and its output in a folder of its own")
    func success() async throws {
        let bench = try bench(
            """
            cat > success/stdin; echo x > error/part.csv
            echo '{"metrics":{"inputRecords":3,"totalRecordsProcessed":2,"recordsNotProcessed":1,"matchIDs":0}}'
            """)
        try await bench.run { backend in
            try await create(bench, backend, "people")
            let id = try await start(bench, backend, "people")
            let job = try await end(bench, backend, "people", id)
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
        "A failure has its message, and no metrics",
        arguments: [
            ("echo 'no keys' >&2; exit 1", "exit status 1; last line: no keys"),
            (
                #"echo '{"metrics":{"inputRecords":"many"}}'"#,
                "the executor failed: line 1 of its standard output is not of the contract: "
                    + "metrics.inputRecords expected an integer, found a string"
            ),
            (
                #"echo; echo '{"metrics":{"matchIDs":null,"inputRecord":10}}'"#,
                "the executor failed: line 2 of its standard output is not of the contract: "
                    + "metrics.inputRecord is not a metric of a Matching job"
            ),
        ])
    func failure(_ script: String, _ message: String) async throws {
        let bench = try bench(script)
        try await bench.run { backend in
            try await create(bench, backend, "people")
            let job = try await end(bench, backend, "people", try await start(bench, backend, "people"))
            #expect(job.status == .failed)
            #expect(job.errorDetails == EntityResolution.ErrorDetails(errorMessage: message))
            #expect(job.metrics == nil)
        }
        #expect(!bench.sandbox.exists("state/buckets/matches"))
    }

    @Test("One job runs at a time unless more are configured, the others wait, and a busy workflow refuses another one")
    func oneAtATime() async throws {
        let bench = try bench("echo $JOBLINE_JOB_ID > ../../../../turn; cat ../../../../go > /dev/null")
        let (turn, go) = (try bench.sandbox.pipe("turn"), try bench.sandbox.pipe("go"))
        try await bench.run { [bench] backend in
            try await create(bench, backend, "a", "b")
            let first = try await start(bench, backend, "a")
            #expect(try await turn.read() == first + "\n")
            let second = try await start(bench, backend, "b")
            for name in ["a", "b"] {
                let error = await refusal { try await start(bench, backend, name) }
                #expect(error?.code == .conflict && error?.path == "workflowName")
            }
            #expect(try await get(bench, backend, "a", first).status == .running)
            #expect(try await get(bench, backend, "b", second).status == .queued)
            try await go.write("")
            #expect(try await turn.read() == second + "\n")
            #expect(try await get(bench, backend, "a", first).status == .succeeded)
            let third = try await start(bench, backend, "a")
            try await go.write("")
            #expect(try await turn.read() == third + "\n")
            try await go.write("")
            #expect(try await end(bench, backend, "a", third).status == .succeeded)
        }
    }

    @Test("As many jobs run at once as are configured")
    func concurrency() async throws {
        // Each job has pipes of its own, so that nobody takes what is meant for another one.
        var bench = try bench("cd ../../../..; echo > up-$JOBLINE_JOB_ID; cat go-$JOBLINE_JOB_ID > /dev/null")
        bench.configuration.executors[.matching]?.concurrency = 2
        let ids = (1...3).map(CountingIDs.id)
        let up = try ids.map { try bench.sandbox.pipe("up-\($0)") }
        let go = try ids.map { try bench.sandbox.pipe("go-\($0)") }
        try await bench.run { [bench] backend in
            let names = ["a", "b", "c"]
            for name in names { try await create(bench, backend, name) }
            for (name, id) in zip(names, ids) { #expect(try await start(bench, backend, name) == id) }
            _ = try await (up[0].read(), up[1].read())
            #expect(try await get(bench, backend, "c", ids[2]).status == .queued)
            try await go[1].write("")
            _ = try await up[2].read()
            #expect(try await get(bench, backend, "a", ids[0]).status == .running)
            try await go[0].write("")
            try await go[2].write("")
            for (name, id) in zip(names, ids) { #expect(try await end(bench, backend, name, id).status == .succeeded) }
        }
    }

    @Test("Jobs belong to their workflow")
    func belong() async throws {
        let bench = try bench()
        try await bench.run { backend in
            try await create(bench, backend, "a", "b")
            var ids: [String] = []
            for _ in 0..<3 {
                ids.append(try await start(bench, backend, "a"))
                _ = try await end(bench, backend, "a", ids[ids.count - 1])
                bench.clock.advance(milliseconds: 1)
            }
            let other = try await start(bench, backend, "b")
            #expect(await refusal { try await get(bench, backend, "a", other) }?.code == .notFound)
            #expect(await refusal { try await get(bench, backend, "x", other) }?.code == .notFound)
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
            #expect(await refusal { try await start(bench, backend, "x") }?.code == .notFound)
        }
    }

    @Test(
        "A schema is UTF-8 JSON with fields, with or without a byte order mark; all else fails the job by its name",
        arguments: [
            (nil, "the schema people does not exist: its file is "),
            (Array("\u{FEFF}\(Bench.peopleSchema)\r\n".utf8), nil),
            ([0xFF, 0xFE, 0x7B, 0, 0x7D, 0], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            ([0xFE, 0xFF, 0, 0x7B, 0, 0x7D], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            ([0x7B, 0, 0x7D, 0], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            (
                Array(#"{"mappedInputFields":[{"fieldName":"caf"#.utf8) + [0xE9] + Array(#"","type":"NAME"}]}"#.utf8),
                "the schema people is not UTF-8: save its file as UTF-8"
            ),
            (Array("{\"mappedInputFields\": [,]}".utf8), "the schema people is not JSON: "),
            ([], "the schema people is not JSON: "),
            (Array("\u{FEFF}\u{FEFF}{}".utf8), "the schema people is not JSON: "),
            (Array("[]".utf8), "the schema people is not a schema mapping: expected an object"),
            (Array("{}".utf8), "the schema people is not a schema mapping: mappedInputFields: is required"),
            (
                Array(#"{"mappedInputFields": []}"#.utf8),
                "the schema people is not a schema mapping: mappedInputFields: has no field"
            ),
            (
                Array(#"{"mappedInputFields": [{"type": "NAME"}]}"#.utf8),
                "the schema people is not a schema mapping: mappedInputFields[0].fieldName: is required"
            ),
        ] as [([UInt8]?, String?)])
    func schema(_ content: [UInt8]?, _ message: String?) async throws {
        let bench = try bench("cat > success/stdin")
        try content.map { try bench.sandbox.write($0, to: "state/schemas/people.json") }
        if content == nil { try DirectoryHandle(bench.sandbox.state.appending("schemas")).removeTree("people.json") }
        try await bench.run { backend in
            try await create(bench, backend, "people")
            let id = try await start(bench, backend, "people")
            let job = try await end(bench, backend, "people", id)
            guard let message else {
                #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
                let told = bench.sandbox.read("state/buckets/matches/people/\(id)/success/stdin")
                #expect(told?.contains(#""schema":\#(Bench.peopleSchema)"#) == true)
                return
            }
            #expect(job.status == .failed)
            let told = job.errorDetails?.errorMessage ?? ""
            #expect(told.hasPrefix(message), "\(told)")
            if content == nil { #expect(told.hasSuffix("/state/schemas/people.json"), "\(told)") }
        }
    }

    @Test("A table without content fails the job by its name", arguments: [[], ["part.csv"], ["a/b.csv", "c.csv"]])
    func emptyTable(_ files: [String]) async throws {
        let bench = try bench("touch ../../../../ran")
        try DirectoryHandle(bench.sandbox.state.appending("tables/crm/people")).removeTree("part.csv")
        for file in files { try bench.sandbox.write("", to: "state/tables/crm/people/\(file)") }
        try await bench.run { backend in
            try await create(bench, backend, "people")
            let job = try await end(bench, backend, "people", try await start(bench, backend, "people"))
            #expect(job.status == .failed)
            #expect(job.errorDetails?.errorMessage == "\(Bench.people) has no content")
        }
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("A table that is not there fails the job")
    func noTable() async throws {
        let bench = try bench()
        try await bench.run { backend in
            _ = try await backend.entityResolution.createMatchingWorkflow(
                bench.matchingWorkflow("x", table: "arn:aws:glue:eu-central-1:123456789012:table/crm/orders"),
                context: bench.context)
            let job = try await end(bench, backend, "x", try await start(bench, backend, "x"))
            #expect(
                job.errorDetails?.errorMessage
                    == "arn:aws:glue:eu-central-1:123456789012:table/crm/orders does not exist")
        }
    }
}
