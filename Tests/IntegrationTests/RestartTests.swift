import Jobline
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Tests calls of one client across daemons that replace one another.
@Suite("Restarts under load", .timeLimit(.minutes(2)))
struct RestartTests {
    /// Outcomes of the calls, by kind.
    final class Results: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        /// One error of each kind, for the message of a failed test.
        private let errors = Mutex<[String: JoblineError]>([:])
        private let isOver = Mutex(false)
        private let answers: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        init() { (answers, continuation) = AsyncStream.makeStream() }

        func note(_ kind: String, _ result: String, _ error: JoblineError? = nil) {
            if let error { errors.withLock { $0["\(kind): \(result)"] = error } }
            counts.withLock { $0["\(kind): \(result)", default: 0] += 1 }
            continuation.yield()
        }

        /// Returns once as many more calls have ended.
        func more(_ count: Int) async {
            var left = count
            for await _ in answers {
                left -= 1
                if left == 0 { break }
            }
        }

        func end() { isOver.withLock { $0 = true } }
        var goesOn: Bool { !isOver.withLock { $0 } }
        var kinds: Set<String> { Set(counts.withLock { $0.keys }) }
        var text: String { "\(counts.withLock(\.self)) \(errors.withLock(\.self))" }
    }

    /// Calls of each kind, over and over by many tasks, until the results are complete.
    static func load(_ client: JoblineClient, _ results: Results, callers: Int) async {
        await withDiscardingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    var round = 0
                    while results.goesOn {
                        round += 1
                        await attempt("read", results) { () throws(JoblineError) in
                            _ = try await client.sidecar.getInfo()
                        }
                        await attempt("token", results) { () throws(JoblineError) in
                            _ = try await client.comprehendMedical.startRxNormInferenceJob(
                                inputDataConfig: .init(s3Bucket: "notes"),
                                outputDataConfig: .init(s3Bucket: "results"), dataAccessRoleARN: Samples.role,
                                languageCode: .en, clientRequestToken: "\(caller)-\(round % 2)")
                        }
                        // Never repeated after a possible effect; the workflow does not exist.
                        await attempt("never", results) { () throws(JoblineError) in
                            _ = try await client.entityResolution.startMatchingJob(workflowName: "none")
                        }
                    }
                }
            }
        }
    }

    private static func attempt(
        _ kind: String, _ results: Results, _ call: () async throws(JoblineError) -> Void
    ) async {
        do throws(JoblineError) {
            try await call()
            results.note(kind, "done")
        } catch {
            results.note(
                kind, error.code == .notFound ? "done" : "\(error.code)\(error.outcomeUnknown ? ", unknown" : "")",
                error.code == .notFound ? nil : error)
        }
    }

    private static let settings = "executors: {rxNormInference: {command: [\"/bin/true\"]}}"

    /// Runs one daemon after the other while the calls go on.
    static func restart(_ signals: [Signal], callers: Int) async throws -> Results {
        let results = Results()
        try await TestDirectory.with { directory in
            var configuration = JoblineClient.Configuration(socketPath: directory.appending("jobline.sock"))
            // Longer than the start of a daemon on any machine: the test concerns lost calls, not time.
            configuration.timeout = .seconds(120)
            let client = JoblineClient(configuration: configuration)
            let calls = Task { await load(client, results, callers: callers) }
            defer {
                results.end()
                calls.cancel()
            }
            for signal in signals {
                try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                    await results.more(1000)
                    daemon.send(signal)
                }
            }
            try await DaemonProcess.with(in: directory, settings: settings) { _ in
                await results.more(1000)
                results.end()
                // A daemon must respond until then.
                await calls.value
            }
            await client.close()
        }
        return results
    }

    @Test("A stop followed by a start is invisible to callers", arguments: [40, 1000])
    func drain(callers: Int) async throws {
        let results = try await Self.restart([.terminate, .terminate, .terminate], callers: callers)
        #expect(results.kinds == ["read: done", "token: done", "never: done"], "\(results.text)")
    }

    @Test("A killed daemon is visible only to calls that must not be repeated", arguments: [40, 1000])
    func kill(callers: Int) async throws {
        // The third of three attempts is after both.
        let results = try await Self.restart([.kill, .kill], callers: callers)
        let unknown: Set = ["never: connectionLost, unknown"]
        #expect(results.kinds.subtracting(unknown) == ["read: done", "token: done", "never: done"], "\(results.text)")
    }
}
