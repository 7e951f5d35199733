internal import Foundation
internal import Jobline
internal import Synchronization
internal import TestSupport

/// Calls beside open waits, with or without trouble, and what became of them.
struct Round: Sendable {
    let number: Int
    let calls: Int
    let watches: Int
    let tasks: Int
    /// Seconds.
    let pause: Double
    let ledger = Ledger()

    /// Jobs that the waits are about.
    private static let gatedJobs = 10
    /// Times as long as any call may take: whatever does not go on for so long hangs.
    private static let timeoutFactor = 4

    /// Carries the round out, and checks it.
    ///
    /// - Returns: What must not be.
    func run(
        _ client: JoblineClient, _ stage: Stage, _ supervisor: Supervisor, troubles: [Trouble]
    ) async throws -> [String] {
        note("round \(number)")
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watchOver(client.configuration.timeout, supervisor) }
            defer { group.cancelAll() }
            let gates = ["early-\(number)", "late-\(number)"]
            for gate in gates { try stage.close(gate) }
            var jobs: [JobReference] = []
            for index in 0..<Self.gatedJobs { jobs.append(try await start(client, in: gates[index % gates.count])) }
            var workflows: [String] = []
            for index in 0..<max(1, calls / 200) {
                workflows.append("workflow-\(number)-\(index)")
                try await stage.createWorkflow(client, workflows[index])
            }
            let traffic = Traffic(
                client: client, ledger: ledger, round: number, calls: calls, tasks: tasks, jobs: jobs.map(\.id),
                workflows: workflows)
            let waits = Task { await wait(client, for: jobs) }
            try await until { ledger.begun == watches }
            let running = Task { await traffic.run() }
            for (index, trouble) in troubles.enumerated() {
                try await until { ledger.ended >= calls * (index + 1) / (troubles.count + 1) }
                note("  \(trouble.rawValue)")
                if index == troubles.count / 2 { try stage.open(gates[0]) }
                try await supervisor.cause(trouble, pause: pause)
            }
            await running.value
            note("  \(ledger.ended) calls have ended")
            for gate in gates { try stage.open(gate) }
            await waits.value
            note("  \(ledger.waited) waits have ended")
            try await Audit(client: client, ledger: ledger, stage: stage, round: number).run(workflows: workflows)
            return ledger.violations.map { "round \(number): \($0)" }
        }
    }

    private func start(_ client: JoblineClient, in gate: String) async throws -> JobReference {
        let started = try await client.comprehendMedical.startICD10CMInferenceJob(
            inputDataConfig: .init(s3Bucket: gate), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: Stage.role, languageCode: .en)
        return .comprehendMedical(.icd10cmInference, started.jobID ?? "")
    }

    /// Waits from all sides, and notes what is not as it should be.
    private func wait(_ client: JoblineClient, for jobs: [JobReference]) async {
        await withDiscardingTaskGroup { group in
            for number in 0..<watches {
                group.addTask {
                    let reference = jobs[number % jobs.count]
                    var isFirst = true
                    do throws(JoblineError) {
                        let job = try await client.waitUntilTerminal(reference) { _ in
                            if isFirst { ledger.waitBegan() }
                            isFirst = false
                        }
                        if job.reference != reference || job.state != .succeeded {
                            ledger.violation("a wait for \(reference.id) gave \(job.id), \(job.state)")
                        }
                    } catch {
                        ledger.violation("a wait failed: \(error)")
                    }
                    ledger.waitEnded()
                }
            }
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Ends the program where nothing goes on: a hang is an answer, too.
    private func watchOver(_ timeout: Duration, _ supervisor: Supervisor) async throws {
        var last = (ledger.ended, ledger.begun, ledger.waited)
        while true {
            try await Task.sleep(for: timeout * Self.timeoutFactor)
            let now = (ledger.ended, ledger.begun, ledger.waited)
            // Allow time for the checks after the waits.
            if now == last, now.2 < watches {
                note("round \(number) hangs: \(now.0) of \(calls) calls and \(now.2) of \(watches) waits have ended")
                supervisor.abandon()
                exit(3)
            }
            last = now
        }
    }
}

/// Says on standard error how far it is.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
