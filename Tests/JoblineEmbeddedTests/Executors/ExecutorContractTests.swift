import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Contract of executors", .timeLimit(.minutes(2)))
struct ExecutorContractTests {
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
                Bench.processedLine,
                "line 1 of its standard output violates the executor contract: the output file a.txt.out is not there"
            ),
            (
                "mkdir a.txt.out; \(Bench.processedLine)",
                "line 1 of its standard output violates the executor contract: the output a.txt.out is not a file"
            ),
            (
                #"touch b; echo '{"processed":{"input":"b.txt","output":"b"}}'"#,
                "line 1 of its standard output violates the executor contract: the input file b.txt is not there"
            ),
            (
                "touch a.txt.out; \(Bench.processedLine); \(Bench.processedLine)",
                "line 2 of its standard output violates the executor contract: it names more files than the input has"
            ),
        ])
    func violations(_ script: String, _ message: String) async throws {
        let job = try await Bench.executor(script).finished()
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the executor failed: \(message)")
    }

    @Test("A long file name is truncated in the message, and control characters are removed")
    func longName() async throws {
        let name = #"\u0007"# + String(repeating: "n/", count: 20_000)
        let job = try await Bench.executor(#"printf '%s\n' '{"processed":{"input":"a.txt","output":"\#(name)n"}}'"#)
            .finished()
        #expect(job.message?.count == 1024)
        #expect(job.message?.hasPrefix("the executor failed: line 1 of its standard output violates") == true)
        #expect(job.message?.contains("\u{7}") == false)
    }

    @Test(
        "Output that cannot be published fails the job, publishes manifests and leaves nothing behind",
        arguments: [
            ("ln -s /etc etc", "it holds a link, a pipe or a socket; only files and folders are published"),
            ("mkfifo pipe", "it holds a link, a pipe or a socket; only files and folders are published"),
            ("for n in $(seq 200); do mkdir d; cd d; done", "File name too long"),
        ])
    func unpublishable(_ script: String, _ reason: String) async throws {
        let bench = try Bench.executor("touch a.txt.out; \(Bench.processedLine); \(script)")
        let job = try await bench.finished()
        let id = try #require(job.jobID)
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the output could not be published: \(reason)")
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
        #expect(bench.sandbox.read("\(bench.output(id))/Manifest")?.contains(#""Status":"FAILED""#) == true)
        #expect(try DirectoryHandle(bench.sandbox.state.appending("work")).entries().isEmpty)
    }

    @Test("Output without line ends and floods of output are read without being buffered")
    func flood() async throws {
        let line = try await Bench.executor("head -c 5000000 /dev/zero | tr '\\0' x; sleep 1000").finished()
        #expect(line.message == "the executor failed: line 1 of its standard output is over 64 KiB")
        let errors = try await Bench.executor(
            "head -c 5000000 /dev/zero | tr '\\0' x >&2; printf '\\nno room' >&2; exit 1"
        )
        .finished()
        #expect(errors.message == "exit status 1; last line: no room")
        let long = try await Bench.executor(
            "head -c 5000000 /dev/zero | tr '\\0' x >&2; printf ': no room' >&2; exit 1"
        )
        .finished()
        #expect(long.message == "exit status 1; last line: \(String(repeating: "x", count: 1015)): no room")
        let lines = try await Bench.executor(
            "yes '{\"message\":\"again\"}' | head -n 20000; touch a.txt.out; \(Bench.processedLine)"
        )
        .finished()
        #expect(lines.jobStatus == .completed)
    }

    @Test("An executor need not read its input, however long it is")
    func inputUnread() async throws {
        let bench = try Bench.executor("exec <&-; touch a.txt.out; \(Bench.processedLine)")
        var request = bench.request()
        request.kmsKey = String(repeating: "k", count: 2048)
        #expect(try await bench.finished(request).jobStatus == .completed)
    }

    @Test("An executor may close all standard streams and is still waited for")
    func closed() async throws {
        let bench = try Bench.executor(
            "echo \"$JOBLINE_OUTPUT\" > a.txt.out; \(Bench.processedLine); exec <&- >&- 2>&-; exec sleep 0.2")
        #expect(try await bench.finished().jobStatus == .completed)
    }
}
