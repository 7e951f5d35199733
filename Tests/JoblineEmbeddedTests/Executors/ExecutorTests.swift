import Glibc
import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Executors, as real processes", .timeLimit(.minutes(2)))
struct ExecutorTests {
    private static let done = #"echo '{"processed":{"input":"a.txt","output":"a.txt.out","characters":13}}'"#

    private func bench(_ script: String, change: (inout ExecutorConfiguration) -> Void = { _ in }) throws -> Bench {
        var bench = try Bench(scripts: [.rxNormInference: script])
        bench.configuration.executors[.rxNormInference].map { executor in
            var executor = executor
            change(&executor)
            bench.configuration.executors[.rxNormInference] = executor
        }
        bench.configuration.executorGrace = .milliseconds(200)
        return bench
    }

    @Test("A job that goes well is completed and published, with its manifests")
    func success() async throws {
        let bench = try bench("tr a-z A-Z < \"$JOBLINE_INPUT/a.txt\" > a.txt.out; \(Self.done)")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .completed)
        #expect(job.message == nil)
        #expect(job.manifestFilePath == "out/123456789012-RxNormInference-\(id)/Manifest")
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "a.txt.out", "success", "unprocessed"])
        #expect(bench.sandbox.read("\(bench.output(id))/a.txt.out") == "ASPIRIN 81 MG")
        #expect(
            bench.sandbox.read("\(bench.output(id))/success")
                == #"{"Files":[{"Input":"a.txt","Output":"a.txt.out","InputSize":13}]}"# + "\n")
        #expect(bench.sandbox.read("\(bench.output(id))/unprocessed") == #"{"Files":[]}"# + "\n")
        let directory = "out/123456789012-RxNormInference-\(id)/"
        #expect(
            bench.sandbox.read("\(bench.output(id))/Manifest")
                == #"{"Summary":{"Status":"COMPLETED","JobType":"RxNormInference","#
                + #""InputDataConfiguration":{"Bucket":"notes","Path":"june/"},"#
                + #""OutputDataConfiguration":{"Bucket":"results","Path":"\#(directory)"},"InputFileCount":1,"#
                + #""TotalMeteredCharacters":13,"UnprocessedFilesCount":0,"SuccessFilesCount":1,"#
                + #""TotalDurationSeconds":0,"SuccessfulFilesListLocation":"\#(directory)success","#
                + #""UnprocessedFilesListLocation":"\#(directory)unprocessed"}}"#)
        #expect(try bench.sandbox.files("state/work").isEmpty)
    }

    @Test("What an executor is given")
    func given() async throws {
        let bench = try bench("cat > stdin; env > env; pwd > pwd; touch a.txt.out; \(Self.done)") { executor in
            executor.environment = ["HOME", "JOBLINE_SURELY_UNSET"]
        }
        let job = try await bench.finished(bench.request(name: "My job", token: "abc"))
        let id = try #require(job.jobID)
        let state = try #require(bench.sandbox.read("\(bench.output(id))/pwd")?.split(separator: "/work/").first)
        let output = "\(state)/work/RxNormInference-\(id)/output"
        #expect(
            bench.sandbox.read("\(bench.output(id))/stdin")
                == #"{"version":1,"service":"ComprehendMedical","family":"RxNormInference","jobId":"\#(id)","#
                + #""request":{"InputDataConfig":{"S3Bucket":"notes","S3Key":"june/"},"#
                + #""OutputDataConfig":{"S3Bucket":"results","S3Key":"out/"},"#
                + #""DataAccessRoleArn":"arn:aws:iam::123456789012:role/\#(Secret.word)","LanguageCode":"en","#
                + #""JobName":"My job","ClientRequestToken":"abc"},"#
                + #""inputs":[{"path":"\#(state)/buckets/notes/june","uri":"s3://notes/june/"}],"output":"\#(output)"}"#
                + "\n")
        let environment = try #require(bench.sandbox.read("\(bench.output(id))/env")).split(separator: "\n")
        for line in [
            "JOBLINE_JOB_ID=\(id)", "JOBLINE_SERVICE=ComprehendMedical", "JOBLINE_FAMILY=RxNormInference",
            "JOBLINE_INPUT=\(state)/buckets/notes/june", "JOBLINE_OUTPUT=\(output)",
        ] {
            #expect(environment.contains { $0 == line }, "\(line)")
        }
        if let home = getenv("HOME") { #expect(environment.contains { $0 == "HOME=\(String(cString: home))" }) }
        // Some shells add their own.
        let expected = ["PATH", "LANG", "HOME", "PWD", "OLDPWD", "SHLVL", "_"]
        for line in environment where !line.hasPrefix("JOBLINE_") {
            #expect(expected.contains { line.hasPrefix("\($0)=") }, "\(line)")
        }
        #expect(environment.count { $0.hasPrefix("JOBLINE_") } == 5)
        #expect(bench.sandbox.read("\(bench.output(id))/pwd") == output + "\n")
    }

    @Test("Files that are left out make a partial success")
    func partial() async throws {
        let bench = try bench(
            """
            touch a.txt.out; \(Self.done)
            echo '{"unprocessed":{"input":"b.txt","reason":"not UTF-8"}}'
            """)
        try bench.sandbox.write("x", to: "state/buckets/notes/june/b.txt")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .partialSuccess)
        #expect(job.message == "1 of 2 files were not processed")
        #expect(
            bench.sandbox.read("\(bench.output(id))/unprocessed")
                == #"{"Files":[{"Input":"b.txt","ErrorMessage":"not UTF-8"}]}"# + "\n")
        #expect(bench.sandbox.read("\(bench.output(id))/Manifest")?.contains(#""Status":"PARTIAL_SUCCESS""#) == true)
    }

    @Test("Nothing but files left out is a failure")
    func nothing() async throws {
        let bench = try bench(#"touch junk; echo '{"unprocessed":{"input":"a.txt","reason":"over 40 KB"}}'"#)
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "none of the files was processed: over 40 KB")
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
    }

    @Test("A failure tells how it ended and the last line of standard error, and publishes only manifests")
    func failure() async throws {
        let bench = try bench("echo out > a.txt.out; echo Traceback >&2; echo 'no dictionary' >&2; echo >&2; exit 3")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "exit status 3; last line: no dictionary")
        #expect(job.endTime != nil)
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
        #expect(
            bench.sandbox.read("\(bench.output(id))/unprocessed")
                == #"{"Files":[{"Input":"a.txt","ErrorMessage":"exit status 3; last line: no dictionary"}]}"# + "\n")
    }

    @Test(
        "Every failure tells how it ended",
        arguments: [
            ("exit 3", "exit status 3"),
            ("kill -KILL $$", "ended by signal 9"),
            ("echo loading model 3 of 5 >&2; kill -9 $$", "ended by signal 9; last line: loading model 3 of 5"),
            (#"printf '\r 10 %%\r100 %%\rno dictionary\n' >&2; exit 3"#, "exit status 3; last line: no dictionary"),
            (#"echo '{"message":"out of luck"}'; exit 1"#, "exit status 1; message: out of luck"),
            (#"echo '{"message":""}'; exit 1"#, "exit status 1"),
            (#"echo '{"message":"no\u0000thing"}'; exit 1"#, "exit status 1; message: nothing"),
            (#"printf '\000no\033 luck' >&2; exit 1"#, "exit status 1; last line: no luck"),
        ])
    func ends(_ script: String, _ message: String) async throws {
        #expect(try await bench(script).finished().message == message)
    }

    @Test(
        "A violation of the executor contract fails the job and is named",
        arguments: [
            (
                "echo hello",
                "line 1 of its standard output violates the executor contract: expected a JSON value, at byte 0"
            ),
            (
                #"echo; echo '{"message":"hi"}'; echo '{"message":"hi'"#,
                "line 3 of its standard output violates the executor contract: a string without its closing quote, at byte 11"
            ),
            (
                #"echo '{"procesed":{"input":"a.txt"}}'"#,
                "line 1 of its standard output violates the executor contract: procesed expected one of processed, "
                    + "unprocessed, metrics, progress, message and modelVersion"
            ),
            (
                #"echo '{"processed":{"input":"a.txt"}}'"#,
                "line 1 of its standard output violates the executor contract: processed.output is required"
            ),
            (
                #"echo '{"processed":{"input":"../../a","output":"a"}}'"#,
                "line 1 of its standard output violates the executor contract: "
                    + "the file name ../../a has the part .., which is refused"
            ),
            (
                done,
                "line 1 of its standard output violates the executor contract: the output file a.txt.out is not there"
            ),
            (
                "mkdir a.txt.out; \(done)",
                "line 1 of its standard output violates the executor contract: the output a.txt.out is not a file"
            ),
            (
                #"touch b; echo '{"processed":{"input":"b.txt","output":"b"}}'"#,
                "line 1 of its standard output violates the executor contract: the input file b.txt is not there"
            ),
            (
                "touch a.txt.out; \(done); \(done)",
                "line 2 of its standard output violates the executor contract: it names more files than the input has"
            ),
        ])
    func violations(_ script: String, _ message: String) async throws {
        let job = try await bench(script).finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor failed: \(message)")
    }

    @Test("A long or odd file name is cut in the message")
    func longName() async throws {
        let name = #"\u0007"# + String(repeating: "n/", count: 20_000)
        let job = try await bench(#"printf '%s\n' '{"processed":{"input":"a.txt","output":"\#(name)n"}}'"#).finished()
        #expect(job.message?.count == 1024)
        #expect(job.message?.hasPrefix("the executor failed: line 1 of its standard output violates") == true)
        #expect(job.message?.contains("\u{7}") == false)
    }

    @Test(
        "What cannot be published fails the job, which has manifests all the same, and leaves nothing behind",
        arguments: [
            ("ln -s /etc etc", "it holds a link, a pipe or a socket; only files and folders are published"),
            ("mkfifo pipe", "it holds a link, a pipe or a socket; only files and folders are published"),
            ("for n in $(seq 200); do mkdir d; cd d; done", "File name too long"),
        ])
    func unpublishable(_ script: String, _ reason: String) async throws {
        let bench = try bench("touch a.txt.out; \(Self.done); \(script)")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the output could not be published: \(reason)")
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
        #expect(bench.sandbox.read("\(bench.output(id))/Manifest")?.contains(#""Status":"FAILED""#) == true)
        #expect(try DirectoryHandle(bench.sandbox.state.appending("work")).entries().isEmpty)
    }

    @Test("A line without end, and any flood, is read without being kept")
    func flood() async throws {
        let line = try await bench("head -c 5000000 /dev/zero | tr '\\0' x; sleep 1000").finished()
        #expect(line.message == "the executor failed: line 1 of its standard output is over 64 KiB")
        let errors = try await bench("head -c 5000000 /dev/zero | tr '\\0' x >&2; printf '\\nno room' >&2; exit 1")
            .finished()
        #expect(errors.message == "exit status 1; last line: no room")
        let long = try await bench("head -c 5000000 /dev/zero | tr '\\0' x >&2; printf ': no room' >&2; exit 1")
            .finished()
        #expect(long.message == "exit status 1; last line: \(String(repeating: "x", count: 1015)): no room")
        let lines = try await bench("yes '{\"message\":\"again\"}' | head -n 20000; touch a.txt.out; \(Self.done)")
            .finished()
        #expect(lines.jobStatus == .completed)
    }

    @Test("Floods without end keep none from being stopped")
    func stopFlood() async throws {
        let flood = "echo up > ../../../../up; yes '{\"message\":\"again\"}' & yes >&2 & wait"
        let bench = try bench(flood) { $0.concurrency = 4 }
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

    @Test("An executor need not read its input, however long it is")
    func inputUnread() async throws {
        let bench = try bench("exec <&-; touch a.txt.out; \(Self.done)")
        var request = bench.request()
        request.kmsKey = String(repeating: "k", count: 2048)
        #expect(try await bench.finished(request).jobStatus == .completed)
    }

    @Test("An executor may close all it was given and still be waited for")
    func closed() async throws {
        let bench = try bench("echo \"$JOBLINE_OUTPUT\" > a.txt.out; \(Self.done); exec <&- >&- 2>&-; exec sleep 0.2")
        #expect(try await bench.finished().jobStatus == .completed)
    }

    @Test("A program that is not there is named")
    func notThere() async throws {
        var bench = try bench("")
        bench.configuration.executors[.rxNormInference]?.command = ["/nowhere/rxnorm"]
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor /nowhere/rxnorm cannot be run: No such file or directory")
    }

    @Test("An input that is not there, or empty, fails the job")
    func noInput() async throws {
        let bench = try bench("exit 0")
        let missing = try await bench.finished(bench.request(input: "july/"))
        #expect(missing.jobStatus == .failed)
        #expect(missing.message == "s3://notes/july/ does not exist")
        #expect(missing.manifestFilePath != nil)
        try bench.sandbox.write("", to: "state/buckets/notes/empty/a.txt")
        let empty = try await bench.finished(bench.request(input: "empty/"))
        #expect(empty.message == "the input has no content")
    }

    @Test("An output that cannot be written fails the job")
    func noOutput() async throws {
        let bench = try bench("touch ../../../../ran a.txt.out; \(Self.done)")
        try bench.sandbox.write("in the way", to: "state/buckets/results/out")
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        let place = "s3://results/out cannot be written: "
        #expect(job.message?.hasPrefix(place) == true, "\(job.message ?? "")")
        #expect(job.message?.hasSuffix("/state/buckets/results/out: Not a directory") == true, "\(job.message ?? "")")
        #expect(job.manifestFilePath == nil)
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("An executor that takes too long is ended")
    func timeout() async throws {
        let bench = try bench("exec sleep 1000") { $0.timeout = .seconds(2) }
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor did not end within 2 seconds")
    }

    @Test("Stop ends the whole process group, also what ignores SIGTERM, and publishes only manifests")
    func stop() async throws {
        let bench = try bench(
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
            // The pipe stays open until the last one that holds it has gone: the grandchild.
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

    @Test("Stop ends also what has left the process group")
    func stopSession() async throws {
        let bench = try bench(
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

    @Test("What an executor leaves behind goes with it")
    func leftBehind() async throws {
        let bench = try bench(
            """
            exec 3> ../../../../left
            sh -c 'sleep 1000' &
            touch a.txt.out; \(Self.done)
            """)
        // The executor opens it itself: what it leaves behind may be ended before it has done anything.
        let pipe = try bench.sandbox.pipe("left")
        async let left = pipe.read()
        #expect(try await bench.finished().jobStatus == .completed)
        #expect(try await left == "")
    }
}
