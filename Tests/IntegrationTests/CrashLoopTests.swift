import Foundation
import Jobline
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Kills the daemon again and again while callers start and stop jobs and executors run.
///
/// Ten rounds; the environment variable CRASH_ROUNDS asks for more.
@Suite("Crash loop", .timeLimit(.minutes(30)))
struct CrashLoopTests {
    private static let rounds = ProcessInfo.processInfo.environment["CRASH_ROUNDS"].flatMap { Int($0) } ?? 10
    private static let writers = 16

    @Test("After each crash nothing acknowledged is lost, nothing runs twice, and no executor is left")
    func loop() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory)
            let ledger = Ledger()
            for _ in 0..<Self.rounds {
                try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                    try await daemon.client { client in
                        try await Self.settle(client, ledger)
                        await Self.write(client, ledger, killing: daemon, after: Int.random(in: 1...60))
                    }
                }
            }
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    try await Self.settle(client, ledger)
                    try await Self.check(client, ledger.jobs, directory)
                }
            }
        }
    }

    /// An executor that tells of every run, and takes a moment.
    private static func settings(_ directory: TestDirectory) throws -> String {
        let executor = try directory.write(
            """
            #!/bin/sh
            echo "$JOBLINE_JOB_ID $$" >> '\(directory.appending("runs"))'
            echo done > "$JOBLINE_OUTPUT/note.txt.out"
            echo '{"processed":{"input":"note.txt","output":"note.txt.out"}}'
            sleep 0.02
            """, to: "executor", mode: 0o755)
        try directory.write("a note", to: "state/buckets/notes/note.txt")
        try directory.write("", to: "runs")
        return "executors: {rxNormInference: {command: [\"\(executor)\"], concurrency: 8, onRestart: fail}}"
    }

    /// Starts and stops jobs from all sides, and kills the daemon once so many starts were acknowledged.
    private static func write(
        _ client: JoblineClient, _ ledger: Ledger, killing daemon: DaemonProcess, after count: Int
    ) async {
        let (acknowledgements, acknowledge) = AsyncStream<Void>.makeStream()
        await withTaskGroup { group in
            for _ in 0..<writers {
                group.addTask {
                    var options = CallOptions()
                    options.retry = .disabled
                    while true {
                        do {
                            let token = ledger.newToken()
                            let id = try await CrashTests.start(client, token: token, options: options)
                            ledger.acknowledge(token, id)
                            acknowledge.yield()
                            if Int.random(in: 0..<4) == 0 {
                                _ = try await client.comprehendMedical.stopRxNormInferenceJob(
                                    jobID: id, options: options)
                            }
                        } catch {
                            // The daemon is gone.
                            return
                        }
                    }
                }
            }
            var seen = 0
            for await _ in acknowledgements {
                seen += 1
                if seen == count { break }
            }
            daemon.send(.kill)
        }
    }

    /// Asks again for every job that nobody answered for: it is one job, whether the first request had made it or not.
    private static func settle(_ client: JoblineClient, _ ledger: Ledger) async throws {
        for token in ledger.unanswered {
            let id = try await CrashTests.start(client, token: token)
            #expect(try await CrashTests.start(client, token: token) == id)
            ledger.acknowledge(token, id)
        }
    }

    private static func check(_ client: JoblineClient, _ jobs: [String: String], _ directory: TestDirectory)
        async throws
    {
        for (token, id) in jobs.shuffled().prefix(50) {
            #expect(try await CrashTests.start(client, token: token) == id)
        }
        var listed: [String] = []
        var page: ComprehendMedical.ListJobsResponse?
        repeat {
            page = try await client.comprehendMedical.listRxNormInferenceJobs(
                nextToken: page?.nextToken, maxResults: 500)
            listed += page?.jobPropertiesList?.compactMap(\.jobID) ?? []
        } while page?.nextToken != nil
        #expect(Set(jobs.values).count == jobs.count, "two tokens have one job")
        #expect(Set(listed) == Set(jobs.values))
        #expect(listed.count == jobs.count, "a job is listed twice")

        var ends: [String: String] = [:]
        for id in listed { ends[id] = try await CrashTests.ended(client, id).jobStatus?.rawValue }
        let runs = try directory.read("runs").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let counts = Dictionary(runs.map { ($0[0], 1) }, uniquingKeysWith: +)
        #expect(counts.values.allSatisfy { $0 == 1 }, "a job ran twice")
        for (id, end) in ends where end == "COMPLETED" { #expect(counts[id] == 1, "\(id) was completed without a run") }
        // Ids are reused: another process with the id of an executor has not its environment.
        for run in runs {
            let pid = pid_t(run[1]) ?? 0
            let isOurs = ProcessTable.environment(of: pid).contains { $0.contains(directory.appending("state")) }
            #expect(!isOurs || !ProcessTable.isRunning(pid), "an executor still runs")
        }
        #expect(directory.list("state/buckets/results").count == jobs.count, "each job has its output directory")
        #expect(directory.list("state/work").isEmpty)
    }
}

/// Jobs as known to their callers.
private final class Ledger: Sendable {
    private struct State {
        var jobs: [String: String] = [:]
        var unanswered: Set<String> = []
        var tokens = 0
    }

    private let state = Mutex(State())

    /// Ids of acknowledged jobs, by token.
    var jobs: [String: String] { state.withLock { $0.jobs } }
    /// Tokens of starts that nobody answered.
    var unanswered: Set<String> { state.withLock { $0.unanswered } }

    func newToken() -> String {
        state.withLock { state in
            state.tokens += 1
            state.unanswered.insert("token-\(state.tokens)")
            return "token-\(state.tokens)"
        }
    }

    func acknowledge(_ token: String, _ id: String) {
        state.withLock { state in
            state.jobs[token] = id
            state.unanswered.remove(token)
        }
    }
}
