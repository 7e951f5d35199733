import Glibc
import JoblineBackend
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Limits of input files", .timeLimit(.minutes(1)))
struct FileLimitsTests {
    private static let limit = 40 * 1024
    /// Claims to have processed every file, whatever it is.
    private static let careless = """
        cd "$JOBLINE_INPUT"
        for name in *; do
            echo done > "$JOBLINE_OUTPUT/$name.out"
            printf '{"processed":{"input":"%s","output":"%s.out","characters":1}}\\n' "$name" "$name"
        done
        """

    private func bench(_ files: [String: [UInt8]], _ script: String = careless) throws -> Bench {
        let bench = try Bench(scripts: [.rxNormInference: script])
        for (name, content) in files { try bench.sandbox.write(content, to: "state/buckets/notes/june/\(name)") }
        return bench
    }

    private func bytes(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "a"), count: count) }

    private func manifest(_ bench: Bench, _ job: ComprehendMedical.JobProperties, _ name: String) throws -> String {
        let id = try #require(job.jobID)
        return try #require(bench.sandbox.read("\(bench.output(id))/\(name)"))
    }

    @Test("What is empty, too large or not UTF-8 is left out, though the executor did not mind")
    func leftOut() async throws {
        let bench = try bench([
            "a.txt": Array("aspirin".utf8), "empty": [], "exact": bytes(Self.limit), "large": bytes(Self.limit + 1),
            "latin": [0x63, 0x61, 0x66, 0xE9],
        ])
        let job = try await bench.finished()
        #expect(job.jobStatus == .partialSuccess)
        #expect(job.message == "3 of 5 files were not processed")
        let id = try #require(job.jobID)
        #expect(
            try bench.sandbox.files(bench.output(id))
                == ["Manifest", "a.txt.out", "exact.out", "success", "unprocessed"])
        #expect(
            try manifest(bench, job, "success")
                == #"{"Files":[{"Input":"a.txt","Output":"a.txt.out","InputSize":7},"#
                + #"{"Input":"exact","Output":"exact.out","InputSize":\#(Self.limit)}]}"# + "\n")
        let unprocessed = try manifest(bench, job, "unprocessed")
        for entry in [
            #"{"Input":"empty","ErrorMessage":"empty"}"#, #"{"Input":"large","ErrorMessage":"over 40 KB"}"#,
            #"{"Input":"latin","ErrorMessage":"not UTF-8"}"#,
        ] {
            #expect(unprocessed.contains(entry))
        }
        let summary = try manifest(bench, job, "Manifest")
        #expect(summary.contains(#""InputFileCount":5,"TotalMeteredCharacters":2,"UnprocessedFilesCount":3"#))
        #expect(summary.contains(#""SuccessFilesCount":2"#))
    }

    @Test("Files that the executor does not report are unprocessed")
    func skipped() async throws {
        let script = #"echo x > b.txt.out; echo '{"processed":{"input":"b.txt","output":"b.txt.out"}}'"#
        let bench = try bench(["a.txt": bytes(1), "b.txt": bytes(1), "large": bytes(Self.limit + 1)], script)
        try bench.sandbox.write("x", to: "state/buckets/notes/june/more/c.txt")
        let job = try await bench.finished()
        #expect(job.jobStatus == .partialSuccess)
        #expect(job.message == "3 of 4 files were not processed")
        #expect(
            try manifest(bench, job, "unprocessed")
                == #"{"Files":[{"Input":"large","ErrorMessage":"over 40 KB"},"#
                + #"{"Input":"a.txt","ErrorMessage":"not reported by the executor"},"#
                + #"{"Input":"more/c.txt","ErrorMessage":"not reported by the executor"}]}"# + "\n")
        let summary = try manifest(bench, job, "Manifest")
        #expect(summary.contains(#""UnprocessedFilesCount":3,"SuccessFilesCount":1"#))
    }

    @Test("An executor that reports nothing has processed nothing", arguments: ["exit 0", "touch a.txt.out b.txt.out"])
    func silent(_ script: String) async throws {
        let bench = try bench(["a.txt": bytes(1), "b.txt": bytes(1)], script)
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "none of the files was processed: not reported by the executor")
        let unprocessed = try manifest(bench, job, "unprocessed")
        for name in ["a.txt", "b.txt"] { #expect(unprocessed.contains(#"{"Input":"\#(name)","ErrorMessage":"#)) }
    }

    @Test("An input that is one file is reported by its name or by another one")
    func oneFile() async throws {
        for name in ["a.txt", "other"] {
            let script = #"echo x > o; echo '{"processed":{"input":"\#(name)","output":"o"}}'"#
            let bench = try bench(["a.txt": bytes(1)], script)
            #expect(try await bench.finished(bench.request(input: "june/a.txt")).jobStatus == .completed)
        }
    }

    @Test("A file that is reported twice, in place of another one, breaks the contract")
    func twice() async throws {
        let line = #"echo '{"processed":{"input":"a.txt","output":"o"}}'"#
        let bench = try bench(["a.txt": bytes(1), "b.txt": bytes(1)], "echo x > o; \(line); \(line)")
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        let reason =
            "line 2 of its standard output violates the executor contract: the input file a.txt is reported twice"
        #expect(job.message == "the executor failed: \(reason)")
    }

    @Test("Files of any name count once, also where Swift takes two names for the same text")
    func names() async throws {
        let bench = try bench(["\u{E9}.txt": bytes(1)])
        try bench.sandbox.write("x", to: "state/buckets/notes/june/e\u{301}.txt")
        let job = try await bench.finished()
        #expect(job.jobStatus == .completed, "\(job.message ?? "")")
    }

    @Test("A reason of the executor's own counts once, and not where the daemon has one already")
    func both() async throws {
        let script = """
            echo x > a.txt.out; echo '{"processed":{"input":"a.txt","output":"a.txt.out"}}'
            echo '{"unprocessed":{"input":"large","reason":"too long for me"}}'
            """
        let bench = try bench(["a.txt": bytes(1), "large": bytes(Self.limit + 1)], script)
        let job = try await bench.finished()
        #expect(
            try manifest(bench, job, "unprocessed")
                == #"{"Files":[{"Input":"large","ErrorMessage":"over 40 KB"}]}"# + "\n")
    }

    @Test("Where no file is within the limits the executor does not run")
    func nothing() async throws {
        let bench = try bench(["a.txt": [], "large": bytes(Self.limit + 1)], "touch ../../../../ran")
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "each of the files is over 40 KB or empty")
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("What is no file is left out, and nothing is read through a link")
    func notFiles() async throws {
        let bench = try bench(["a.txt": bytes(1)])
        try bench.sandbox.write("secret", to: "secret")
        let june = bench.sandbox.state.appending("buckets/notes/june")
        symlink("../../../../secret", june.appending("link").string)
        mkfifo(june.appending("pipe").string, 0o600)
        let job = try await bench.finished()
        #expect(job.jobStatus == .partialSuccess)
        #expect(
            try manifest(bench, job, "unprocessed")
                == #"{"Files":[{"Input":"link","ErrorMessage":"not a file"},"#
                + #"{"Input":"pipe","ErrorMessage":"not a file"}]}"# + "\n")
        let id = try #require(job.jobID)
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "a.txt.out", "success", "unprocessed"])
    }

    @Test("A file behind a link to a folder is not of the input")
    func behindLink() async throws {
        let bench = try bench(
            ["a.txt": bytes(1)],
            #"touch x; echo '{"processed":{"input":"out/secret","output":"x"}}'"#)
        try bench.sandbox.write("secret", to: "outside/secret")
        symlink("../../../../outside", bench.sandbox.state.appending("buckets/notes/june/out").string)
        let job = try await bench.finished()
        #expect(job.message?.hasSuffix("the input file out/secret is not there") == true)
    }

    @Test("The limit is the configured one")
    func configured() async throws {
        var bench = try bench(["a.txt": bytes(101)])
        bench.configuration.comprehendMedicalFileBytes = 100
        #expect(try await bench.finished().message == "each of the files is over 100 bytes or empty")
    }

    @Test("A name with a link in it removes nothing outside of the output directory")
    func links() async throws {
        let script = """
            ln -s ../../../.. out; echo '{"processed":{"input":"large","output":"out/precious"}}'
            """
        let bench = try bench(["a.txt": bytes(1), "large": bytes(Self.limit + 1)], script)
        try bench.sandbox.write("keep", to: "precious")
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(bench.sandbox.read("precious") == "keep")
    }

    @Test(
        "A job is too large above what its family allows",
        arguments: [
            (.rxNormInference, 5), (.icd10cmInference, 5), (.snomedctInference, 5), (.entitiesDetectionV2, 10),
            (.phiDetection, 10),
        ] as [(ComprehendMedical.Family, Int64)])
    func job(_ family: ComprehendMedical.Family, _ gigabytes: Int64) async throws {
        let done = #"touch a.txt.out; echo '{"processed":{"input":"a.txt","output":"a.txt.out"}}'"#
        let bench = try Bench(scripts: [JobFamily(family): done])
        try bench.sandbox.write("a", to: "state/buckets/notes/june/a.txt")
        // A hole takes no room on the disk.
        try bench.sandbox.write("", to: "state/buckets/notes/june/hole")
        let hole = bench.sandbox.path.appending("state/buckets/notes/june/hole")
        func end(_ bytes: Int64) async throws -> ComprehendMedical.JobProperties {
            #expect(truncate(hole.string, Int(bytes)) == 0)
            return try await bench.run { backend in
                try await bench.end(backend, try await bench.start(backend, family), family)
            }
        }
        #expect(try await end(gigabytes << 30 - 1).jobStatus == .partialSuccess)
        let job = try await end(gigabytes << 30)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the input has over \(gigabytes) GB")
        let id = try #require(job.jobID)
        let type = family == .entitiesDetectionV2 ? "EntitiesDetection" : family.rawValue
        #expect(job.outputDataConfig?.s3Key == "out/123456789012-\(type)-\(id)/")
    }
}
