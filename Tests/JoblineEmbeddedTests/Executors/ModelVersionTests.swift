import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineEmbedded

@Suite("Versions of models", .timeLimit(.minutes(1)))
struct ModelVersionTests {
    /// Processes one note; the test decides the lines before it.
    private static let done = #"touch a.txt.out; echo '{"processed":{"input":"a.txt","output":"a.txt.out"}}'"#

    private func bench(_ script: String, configured: String? = nil) throws -> Bench {
        try Bench([
            .rxNormInference: ExecutorConfiguration(command: ["/bin/sh", "-c", script], modelVersion: configured)
        ])
    }

    private func list(_ bench: Bench, _ backend: EmbeddedBackend) async throws -> [String?] {
        let list = try await backend.comprehendMedical.listJobs(.rxNormInference, .init(), context: bench.context)
        return try list.decoded().jobPropertiesList?.map(\.modelVersion) ?? []
    }

    @Test("A job that has ended shows what its executor said, also after a restart")
    func said() async throws {
        let say = #"echo '{"modelVersion":"1.0.0"}'; echo '{"modelVersion":"2.1.0"}'; "#
        let bench = try bench(say + Self.done, configured: "9.9.9")
        let job = try await bench.finished()
        #expect(job.jobStatus == .completed)
        #expect(job.modelVersion == "2.1.0")
        let backend = try bench.open()
        #expect(try await bench.describe(backend, try #require(job.jobID)).modelVersion == "2.1.0")
        #expect(try await list(bench, backend) == ["2.1.0"])
    }

    @Test("Otherwise it shows what is configured, or nothing", arguments: [nil, "3.0.0"])
    func configured(_ version: String?) async throws {
        let bench = try bench(Self.done, configured: version)
        #expect(try await bench.finished().modelVersion == version)
        #expect(try await list(bench, try bench.open()) == [version])
    }

    @Test("A job that failed shows it, too")
    func failed() async throws {
        let job = try await bench(#"echo '{"modelVersion":"2.1.0"}'; exit 1"#).finished()
        #expect(job.jobStatus == .failed)
        #expect(job.modelVersion == "2.1.0")
    }

    @Test("A job that no executor has worked on shows none, and neither does one that has not ended")
    func none() async throws {
        let bench = try bench(Self.done, configured: "3.0.0")
        let job = try await bench.finished(bench.request(input: "no-such-place/"))
        #expect(job.jobStatus == .failed)
        #expect(job.modelVersion == nil)
        let backend = try bench.open()
        #expect(try await bench.describe(backend, try await bench.start(backend)).modelVersion == nil)
    }

    @Test("A crash before the job ends does not lose it")
    func outcome() throws {
        let outcome = JobOutcome(.succeeded, manifest: "m", modelVersion: "2.1.0")
        #expect(try JobOutcome(json: outcome.json()) == outcome)
        #expect(try JobOutcome(json: #"{"event":"succeeded"}"#.buffer).modelVersion == nil)
    }

    @Test("A version that is none breaks the contract of executors")
    func violation() async throws {
        let job = try await bench(#"echo '{"modelVersion":""}'; "# + Self.done).finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message?.contains("modelVersion") == true)
    }
}

extension String {
    fileprivate var buffer: ByteBuffer { ByteBuffer(string: self) }
}
