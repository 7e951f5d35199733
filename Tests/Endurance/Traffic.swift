internal import Jobline

/// The calls of one round: reads, and writes that may be repeated, looked up, or neither.
struct Traffic: Sendable {
    let client: JoblineClient
    let ledger: Ledger
    let round: Int
    let calls: Int
    let tasks: Int
    /// Jobs to describe.
    let jobs: [String]
    let workflows: [String]

    /// Codes with which a call may fail while daemons come and go.
    private static let passing: Set<JoblineError.Code> = [.unreachable, .connectionLost, .timeout, .unavailable]

    func run() async {
        await withDiscardingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask { for number in stride(from: task, to: calls, by: tasks) { await call(number) } }
            }
        }
    }

    /// Mix of twenty calls: ten reads, five starts with a token, two creations, three starts without a token.
    private func call(_ number: Int) async {
        let name = "\(round)-\(number)"
        switch number % 20 {
        case 0..<7: await describe(name, jobs[number % jobs.count])
        case 7..<10: await list(name)
        case 10..<15: await start(name, isRepeated: number % 20 == 10)
        case 15..<17: await create(name)
        default: await run(name, in: workflows[number / 20 % workflows.count])
        }
    }

    private func describe(_ name: String, _ id: String) async {
        await attempt(.describe, name) { () throws(JoblineError) in
            let job = try await client.comprehendMedical.describeICD10CMInferenceJob(jobID: id)
            if job.jobProperties?.jobID != id { ledger.violation("a description of \(id) is one of another job") }
            return id
        }
    }

    private func list(_ name: String) async {
        await attempt(.list, name) { () throws(JoblineError) in
            let page = try await client.comprehendMedical.listICD10CMInferenceJobs(maxResults: 10)
            if page.jobPropertiesList?.isEmpty != false { ledger.violation("a list without the jobs that there are") }
            return ""
        }
    }

    /// - Parameter isRepeated: Whether to send the same again once it was answered.
    private func start(_ name: String, isRepeated: Bool) async {
        await attempt(.start, name) { () throws(JoblineError) in try await start(name) }
        guard isRepeated, case .done(let id) = ledger.fates(.start)[name] else { return }
        if let again = try? await start(name), again != id { ledger.violation("the token \(name) has two jobs") }
    }

    private func start(_ name: String) async throws(JoblineError) -> String {
        try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: Stage.role, languageCode: .en, jobName: name, clientRequestToken: name
        ).jobID ?? ""
    }

    private func create(_ name: String) async {
        await attempt(.create, name) { () throws(JoblineError) in
            try await client.personalize.createBatchSegmentJob(
                jobName: name, solutionVersionARN: "arn:aws:personalize:us-east-1:000000000000:solution/any/v1",
                jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
                jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/\(name)/")),
                roleARN: Stage.role
            ).batchSegmentJobARN ?? ""
        }
    }

    private func run(_ name: String, in workflow: String) async {
        await attempt(.run, "\(workflow)/\(name)") { () throws(JoblineError) in
            try await client.entityResolution.startMatchingJob(workflowName: workflow).jobID
        }
    }

    private func attempt(
        _ kind: Ledger.Kind, _ name: String, _ call: () async throws(JoblineError) -> String
    ) async {
        let start = ContinuousClock.now
        let fate: Ledger.Fate
        var result = "done"
        do throws(JoblineError) {
            fate = .done(try await call())
        } catch {
            fate = error.outcomeUnknown ? .unknown : .untouched
            result = error.code.description + (error.outcomeUnknown ? ", outcome unknown" : "")
            // A workflow refuses a second job.
            if !Self.passing.contains(error.code), kind != .run || error.code != .conflict {
                ledger.violation("\(kind.rawValue): \(error)")
            }
        }
        ledger.ended(kind, name, fate, result, after: .now - start)
    }
}
