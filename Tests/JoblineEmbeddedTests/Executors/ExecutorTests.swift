import Glibc
import JoblineBackend
import JoblineProtocol
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Executors as real processes", .timeLimit(.minutes(2)))
struct ExecutorTests {
    @Test("A successful job is completed and published with its manifests")
    func success() async throws {
        let bench = try Bench.executor("tr a-z A-Z < \"$JOBLINE_INPUT/a.txt\" > a.txt.out; \(Bench.processedLine)")
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
        let bench = try Bench.executor("cat > stdin; env > env; pwd > pwd; touch a.txt.out; \(Bench.processedLine)") {
            executor in
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
        // Some shells add variables.
        let expected = ["PATH", "LANG", "HOME", "PWD", "OLDPWD", "SHLVL", "_"]
        for line in environment where !line.hasPrefix("JOBLINE_") {
            #expect(expected.contains { line.hasPrefix("\($0)=") }, "\(line)")
        }
        #expect(environment.count { $0.hasPrefix("JOBLINE_") } == 5)
        #expect(bench.sandbox.read("\(bench.output(id))/pwd") == output + "\n")
    }

    @Test("Unprocessed files make a partial success")
    func partial() async throws {
        let bench = try Bench.executor(
            """
            touch a.txt.out; \(Bench.processedLine)
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

    @Test("A job fails if no file was processed")
    func nothing() async throws {
        let bench = try Bench.executor(#"touch junk; echo '{"unprocessed":{"input":"a.txt","reason":"over 40 KB"}}'"#)
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "none of the files was processed: over 40 KB")
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
    }

    @Test("A failure reports the exit status and the last line of standard error, and publishes only manifests")
    func failure() async throws {
        let bench = try Bench.executor(
            "echo out > a.txt.out; echo Traceback >&2; echo 'no dictionary' >&2; echo >&2; exit 3")
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
        "The message of a failure has the exit status or signal, and the last line or message",
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
        #expect(try await Bench.executor(script).finished().message == message)
    }

    @Test("A missing program is named")
    func notThere() async throws {
        var bench = try Bench.executor("")
        bench.configuration.executors[.rxNormInference]?.command = ["/nowhere/rxnorm"]
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor /nowhere/rxnorm cannot be run: No such file or directory")
    }

    @Test("A missing or empty input fails the job")
    func noInput() async throws {
        let bench = try Bench.executor("exit 0")
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
        let bench = try Bench.executor("touch ../../../../ran a.txt.out; \(Bench.processedLine)")
        try bench.sandbox.write("in the way", to: "state/buckets/results/out")
        let job = try await bench.finished()
        #expect(job.jobStatus == .failed)
        let place = "s3://results/out cannot be written: "
        #expect(job.message?.hasPrefix(place) == true, "\(job.message ?? "")")
        #expect(job.message?.hasSuffix("/state/buckets/results/out: Not a directory") == true, "\(job.message ?? "")")
        #expect(job.manifestFilePath == nil)
        #expect(!bench.sandbox.exists("ran"))
    }
}
