import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Reconfiguration of executors", .timeLimit(.minutes(1)))
struct ReconfigurationTests {
    private static let first = """
        echo > ../../../../up; read -r go < ../../../../go; echo first >> ../../../../runs
        \(CompleteExecutor.script)
        """
    private static let second = "echo second >> ../../../../runs\n\(CompleteExecutor.script)"

    private func executor(_ script: String) -> ExecutorConfiguration {
        ExecutorConfiguration(command: ["/bin/sh", "-c", script])
    }

    @Test("A running job keeps its executor, and the next job gets the new one")
    func change() async throws {
        let bench = try Bench(scripts: [.rxNormInference: Self.first])
        let (up, go) = (try bench.sandbox.pipe("up"), try bench.sandbox.pipe("go"))
        try await bench.run { backend in
            let ids = [try await bench.start(backend), try await bench.start(backend)]
            _ = try await up.read()
            backend.reconfigure(executors: [.rxNormInference: executor(Self.second)])
            #expect(try await bench.describe(backend, ids[0]).jobStatus == .inProgress)
            try await go.write("\n")
            for id in ids { #expect(try await bench.end(backend, id).jobStatus == .completed) }
        }
        #expect(bench.sandbox.read("runs") == "first\nsecond\n")
    }

    @Test("A higher concurrency limit starts waiting jobs")
    func concurrency() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "echo > ../../../../up; exec sleep 1000"])
        let up = try bench.sandbox.pipe("up")
        try await bench.run { backend in
            let ids = [try await bench.start(backend), try await bench.start(backend)]
            _ = try await up.read()
            var wider = try #require(bench.configuration.executors[.rxNormInference])
            wider.concurrency = 2
            backend.reconfigure(executors: [.rxNormInference: wider])
            _ = try await up.read()
            for id in ids { #expect(try await bench.describe(backend, id).jobStatus == .inProgress) }
        }
    }

    @Test("A removed family refuses starts and finishes its running job; its waiting jobs run when it is added again")
    func removal() async throws {
        let bench = try Bench(scripts: [.rxNormInference: Self.first])
        let (up, go) = (try bench.sandbox.pipe("up"), try bench.sandbox.pipe("go"))
        try await bench.run { backend in
            let ids = [try await bench.start(backend), try await bench.start(backend)]
            _ = try await up.read()
            backend.reconfigure(executors: [:])
            let refusal = await #expect(throws: ServiceError.self) { try await bench.start(backend) }
            #expect(refusal?.message.contains("executors.rxNormInference.command") == true)
            try await go.write("\n")
            #expect(try await bench.end(backend, ids[0]).jobStatus == .completed)
            let family = try #require(try await backend.familyStatus().first { $0.family == "RxNormInference" })
            #expect(!family.configured && family.waiting == 1)
            backend.reconfigure(executors: [.rxNormInference: executor(Self.second)])
            #expect(try await bench.end(backend, ids[1]).jobStatus == .completed)
        }
        #expect(bench.sandbox.read("runs") == "first\nsecond\n")
    }
}
