import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Ends of executors", .timeLimit(.minutes(2)))
struct ExecutorEndTests {
    @Test("Executors that write without end can be stopped")
    func stopFlood() async throws {
        let flood = "echo up > ../../../../up; yes '{\"message\":\"again\"}' & yes >&2 & wait"
        let bench = try Bench.executor(flood) { $0.concurrency = 4 }
        let up = try bench.sandbox.pipe("up")
        try await bench.run { backend in
            var ids: [String] = []
            for _ in 0..<4 {
                ids.append(try await bench.start(backend))
                _ = try await up.read()
            }
            for id in ids { try await bench.stop(backend, id) }
            for id in ids { #expect(try await bench.end(backend, id).jobStatus == .stopped) }
        }
    }

    @Test("An executor that exceeds its timeout is ended")
    func timeout() async throws {
        let bench = try Bench.executor("exec sleep 1000") { $0.timeout = .seconds(2) }
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor did not end within 2 seconds")
    }

    @Test("Stop ends the whole process group, even processes that ignore SIGTERM, and publishes only manifests")
    func stop() async throws {
        let bench = try Bench.executor(
            """
            echo half > a.txt.out
            trap '' TERM
            sh -c 'echo > ../../../../up; sleep 1000' > ../../../../grandchild &
            wait
            """)
        let up = try bench.sandbox.pipe("up")
        let pipe = try bench.sandbox.pipe("grandchild")
        let job = try await bench.run { backend in
            let id = try await bench.start(backend)
            // The grandchild holds the pipe open.
            async let grandchild = pipe.read()
            _ = try await up.read()
            #expect(try await bench.describe(backend, id).jobStatus == .inProgress)
            try await bench.stop(backend, id)
            #expect(try await grandchild == "")
            return try await bench.end(backend, id)
        }
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .stopped)
        #expect(job.message == nil)
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
        #expect(bench.sandbox.read("\(bench.output(id))/Manifest")?.contains(#""Status":"STOPPED""#) == true)
    }

    @Test("Stop ends processes that have left the process group")
    func stopSession() async throws {
        let bench = try Bench.executor(
            "setsid sh -c 'trap \"\" TERM; echo $$ > ../../../../turn; while :; do sleep 1; done' & sleep 1000")
        let turn = try bench.sandbox.pipe("turn")
        try await bench.run { backend in
            let id = try await bench.start(backend)
            let pid = try #require(Int32(try await turn.read().dropLast()))
            try await bench.stop(backend, id)
            #expect(try await bench.end(backend, id).jobStatus == .stopped)
            #expect(ProcessStat(of: pid)?.hasEnded ?? true)
        }
    }

    @Test("Processes that an executor leaves behind are ended")
    func leftBehind() async throws {
        let bench = try Bench.executor(
            """
            exec 3> ../../../../left
            sh -c 'sleep 1000' &
            touch a.txt.out; \(Bench.processedLine)
            """)
        // The executor opens it itself, because its children may be ended before they do anything.
        let pipe = try bench.sandbox.pipe("left")
        async let left = pipe.read()
        #expect(try await bench.finished().jobStatus == .completed)
        #expect(try await left == "")
    }
}
