internal import Jobline

/// Holds what callers know of a round against what the daemon has.
struct Audit {
    let client: JoblineClient
    let ledger: Ledger
    let stage: Stage
    let round: Int

    func run(workflows: [String]) async throws {
        var jobs = try await named(.rxNormInference, .start) + named(.batchSegment, .create)
        for workflow in workflows { jobs += try await started(in: workflow) }
        note("  \(jobs.count) jobs")
        try await ends(of: jobs)
    }

    /// Checks what can be told apart by its name: acknowledged is there once, refused is not there, the rest at most once.
    private func named(_ family: JobFamily, _ kind: Ledger.Kind) async throws -> [Job] {
        var jobs: [String: [Job]] = [:]
        for try await job in client.jobs(family, pageSize: 100) {
            if let name = job.name, name.hasPrefix("\(round)-") { jobs[name, default: []].append(job) }
        }
        for (name, fate) in ledger.fates(kind) {
            let found = jobs[name, default: []].map(\.id)
            switch fate {
            case .done(let id) where found != [id]: violation(kind, "\(name) was answered with \(id), and is \(found)")
            case .untouched where !found.isEmpty: violation(kind, "\(name) was not carried out, and is \(found)")
            case .unknown where found.count > 1: violation(kind, "\(name) is there twice: \(found)")
            case .done, .untouched, .unknown: break
            }
        }
        let strangers = Set(jobs.keys).subtracting(ledger.fates(kind).keys)
        if !strangers.isEmpty { violation(kind, "nobody asked for \(strangers)") }
        return jobs.values.flatMap(\.self)
    }

    /// Checks what has nothing but its id: all that was acknowledged is there, and no more beside it than may be.
    private func started(in workflow: String) async throws -> [Job] {
        var jobs: [Job] = []
        for try await job in client.jobs(.matching, workflow: workflow) { jobs.append(job) }
        let fates = ledger.fates(.run).filter { $0.key.hasPrefix(workflow + "/") }.values
        let acknowledged = fates.compactMap { if case .done(let id) = $0 { id } else { nil } }
        let missing = Set(acknowledged).subtracting(jobs.map(\.id))
        let unknown = fates.count { $0 == .unknown }
        if !missing.isEmpty { violation(.run, "acknowledged and not there: \(missing)") }
        if Set(acknowledged).count != acknowledged.count { violation(.run, "two answers name the same job") }
        if Set(jobs.map(\.id)).count != jobs.count { violation(.run, "a job is listed twice") }
        if jobs.count > acknowledged.count + unknown {
            violation(.run, "\(jobs.count) jobs of \(acknowledged.count) starts and \(unknown) of unknown outcome")
        }
        return jobs
    }

    /// Checks that each job ends, as it may, and that its executor ran no more than once.
    private func ends(of jobs: [Job]) async throws {
        let ended = try await client.waitUntilTerminal(jobs.map(\.reference))
        let runs = try stage.runs()
        for job in ended {
            let key = job.reference.family == .batchSegment ? job.name ?? "" : job.id
            let count = runs["\(job.reference.family.rawValue) \(key)"] ?? 0
            switch job.state {
            case .succeeded where count == 1: break
            // The daemon was killed during its run; it is not repeated without `onRestart`.
            case .failed where count <= 1: break
            default: ledger.violation("\(job.reference.family) \(job.id) is \(job.state) and ran \(count) times")
            }
        }
    }

    private func violation(_ kind: Ledger.Kind, _ text: String) { ledger.violation("\(kind.rawValue): \(text)") }
}
