import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineEmbedded

@Suite("Graceful shutdown", .timeLimit(.minutes(1)))
struct DrainTests {
    private func drained(_ policy: ExecutorConfiguration.RestartPolicy) async throws -> (Bench, [String]) {
        var bench = try Bench(scripts: [.rxNormInference: "echo > ../../../../up; exec sleep 1000"])
        bench.configuration.executors[.rxNormInference]?.onRestart = policy
        let up = try bench.sandbox.pipe("up")
        let ids = try await bench.run { [bench] backend in
            let ids = [try await bench.start(backend), try await bench.start(backend)]
            _ = try await up.read()
            return ids
        }
        return (bench, ids)
    }

    @Test("Running executors are ended, and their jobs fail with a message")
    func fail() async throws {
        let (bench, ids) = try await drained(.fail)
        let backend = try bench.open()
        let job = try await bench.describe(backend, ids[0])
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the daemon was stopped while the job's executor ran")
        #expect(try await bench.describe(backend, ids[1]).jobStatus == .submitted)
    }

    @Test("Jobs of ended executors return to the queue if rerun is configured")
    func rerun() async throws {
        let (bench, ids) = try await drained(.rerun)
        let backend = try bench.open()
        for id in ids {
            let job = try await bench.describe(backend, id)
            #expect(job.jobStatus == .submitted)
            #expect(job.endTime == nil && job.message == nil)
        }
        #expect(try bench.sandbox.files("state/work").isEmpty)
    }

    @Test("A backend that is drained before it runs ends at once")
    func early() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let backend = try bench.open()
        let id = try await bench.start(backend)
        backend.drain()
        try await backend.run()
        #expect(try await bench.describe(backend, id).jobStatus == .submitted)
    }
}
