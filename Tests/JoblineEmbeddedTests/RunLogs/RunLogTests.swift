import Glibc
import JoblineBackend
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("What executors write to standard error", .timeLimit(.minutes(1)))
struct RunLogTests {
    private func log(_ backend: EmbeddedBackend, _ id: String) async throws -> JobLog? {
        try await backend.log(of: JobReference(.rxNormInference, id))
    }

    @Test("It can be read while the job runs, after its end, and after a restart")
    func lasts() async throws {
        let bench = try Bench(scripts: [
            .rxNormInference: "echo one >&2; echo > ../../../../up; read -r go < ../../../../go; echo two >&2; exit 3"
        ])
        let (up, go) = (try bench.sandbox.pipe("up"), try bench.sandbox.pipe("go"))
        let id = try await bench.run { backend in
            let id = try await bench.start(backend)
            _ = try await up.read()
            #expect(try await bench.describe(backend, id).jobStatus == .inProgress)
            // The line may still be on its way from the executor to the log.
            while try await log(backend, id) == JobLog(text: "", isTruncated: false) {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await log(backend, id) == JobLog(text: "one\n", isTruncated: false))
            try await go.write("\n")
            _ = try await bench.end(backend, id)
            #expect(try await log(backend, id) == JobLog(text: "one\ntwo\n", isTruncated: false))
            return id
        }
        let again = try bench.open()
        #expect(try await log(again, id) == JobLog(text: "one\ntwo\n", isTruncated: false))
    }

    @Test("A job that wrote nothing has nothing, and makes no file")
    func silent() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        try await bench.run { backend in
            let id = try await bench.start(backend)
            _ = try await bench.end(backend, id)
            #expect(try await log(backend, id) == JobLog(text: "", isTruncated: false))
        }
        #expect(try bench.sandbox.files("state/logs").isEmpty)
    }

    @Test("Of a flood the last 64 KiB are kept, in a file that nobody else may read")
    func bounded() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "yes 'again and again' | head -c 1000000 >&2; echo end >&2"])
        try await bench.run { backend in
            let id = try await bench.start(backend)
            _ = try await bench.end(backend, id)
            let log = try #require(try await log(backend, id))
            #expect(log.isTruncated)
            #expect(log.text.utf8.count == 64 << 10)
            #expect(log.text.hasSuffix("again and again\nend\n") || log.text.hasSuffix("\nend\n"))
        }
        let files = try bench.sandbox.files("state/logs")
        #expect(files.count == 1)
        var status = stat()
        #expect(stat(bench.sandbox.state.appending("logs").appending(files[0]).string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(status.st_size <= 3 * 64 << 10)
        var folder = stat()
        #expect(stat(bench.sandbox.state.appending("logs").string, &folder) == 0)
        #expect(folder.st_mode & 0o777 == 0o700)
    }

    @Test("It goes when the job expires")
    func expiry() async throws {
        var bench = try Bench(scripts: [.rxNormInference: "echo one >&2"])
        bench.configuration.retention = .seconds(60)
        try await bench.run { backend in _ = try await bench.end(backend, try await bench.start(backend)) }
        #expect(try bench.sandbox.files("state/logs").count == 1)
        bench.clock.advance(seconds: 61)
        let backend = try bench.open()
        let (removals, removed) = AsyncStream<Void>.makeStream()
        // Told after the log is removed: observers are called in order.
        backend.observeChanges { if $0.kind == .removal { removed.yield() } }
        try await backend.running { for await _ in removals { break } }
        #expect(try bench.sandbox.files("state/logs").isEmpty)
    }

    @Test("A start removes what belongs to no job, and leaves the rest")
    func sweep() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "echo one >&2"])
        let id = try await bench.run { backend in
            let id = try await bench.start(backend)
            _ = try await bench.end(backend, id)
            return id
        }
        for name in ["RxNormInference-\(CountingIDs.id(99))", "RxNormInference-\(id).new", "BatchSegment-nightly", "x"]
        {
            try bench.sandbox.write("left", to: "state/logs/\(name)")
        }
        try await bench.run { _ in
            while try bench.sandbox.files("state/logs") != ["RxNormInference-\(id)"] { await Task.yield() }
        }
    }
}
