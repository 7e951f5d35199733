import Jobline
import Subprocess
import TestSupport
import Testing

/// `joblinectl list` at a real daemon.
@Suite("The list of the command line", .timeLimit(.minutes(2)))
struct ListCommandTests {
    /// Runs a script, in which `start FAMILY NAME` starts a job and prints its reference, and `jobs` is `list` with nothing but
    /// references, one a line.
    private func run(_ script: String, at daemon: DaemonProcess, zone: String = "UTC0") async throws -> Command.Outcome
    {
        let functions = """
            joblinectl() { '\(try Project.program("joblinectl"))' "$@"; }
            start() {
                local input=s3://notes/
                [[ $1 != Batch* ]] || input=s3://items/items.json
                joblinectl start "$1" --name "$2" --input $input --output s3://out/ "${@:3}"
            }
            jobs() { joblinectl list "$@" -o json | sed 's/.*"reference":"\\([^"]*\\)".*/\\1/'; }

            """
        return try await Command.run(
            "bash", ["-c", functions + script], environment: ["JOBLINE_SOCKET": daemon.socket, "TZ": zone])
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    private func withDaemon(_ body: @escaping @Sendable (DaemonProcess) async throws -> Void) async throws {
        let settings = """
            executors:
              rxNormInference: {command: \(try CompleteExecutor.command())}
              phiDetection: {command: ["false"]}
              batchSegment: {command: [sh, "-c", "echo no model >&2; exit 1"]}
              matching: {command: ["true"]}
            """
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { try await body($0) }
        }
    }

    @Test("Conditions can be combined, whatever filters the service has")
    func conditions() async throws {
        try await withDaemon { daemon in
            let outcome = try await run(
                """
                a=$(start RxNormInference early); b=$(start RxNormInference late); c=$(start RxNormInference early)
                joblinectl wait $a $b $c > /dev/null
                name() { sed "s:$a:a:; s:$b:b:; s:$c:c:" | paste -sd ' '; }
                jobs RxNormInference | name
                jobs RxNormInference --name early | name
                jobs RxNormInference --status completed --name early --after 1h | name
                jobs RxNormInference --status succeeded --limit 2 --before 9999-01-01T00:00:00+01:00 | name
                jobs RxNormInference --name early --limit 1 --after 2020-01-01 | name
                jobs RxNormInference --status FAILED --name early | name
                jobs RxNormInference --before 1600000000 | name
                jobs RxNormInference --before 1h | name
                joblinectl list RxNormInference --status DONE
                echo $?
                """, at: daemon)
            #expect(Self.lines(outcome.output) == ["c b a", "c a", "c a", "c b", "c", "64"], "\(outcome.error)")
            #expect(outcome.error.contains("there are more than 2 jobs; show them with --limit 20"))
            #expect(outcome.error.contains("'DONE' is not a state of RxNormInference"))

            let segments = try await run(
                """
                model=arn:aws:personalize:us-east-1:000000000000:solution
                start BatchSegment a --solution $model/one/1; start BatchSegment b --solution $model/two/1
                joblinectl wait BatchSegment/a BatchSegment/b > /dev/null 2>&1
                echo
                jobs BatchSegment --solution $model/two/1 --status failed --after 1h
                jobs BatchSegment --solution $model/two/1 --name a
                """, at: daemon)
            let lines = segments.output.split(separator: "\n\n").last.map { Self.lines(String($0)) } ?? []
            #expect(lines.map { $0.suffix(2) } == ["/b"], "\(segments.output) \(segments.error)")
        }
    }

    @Test("A state filter over all services lists the failed jobs of each with the reason")
    func failed() async throws {
        try await withDaemon { daemon in
            let outcome = try await run(
                """
                joblinectl call EntityResolution.CreateMatchingWorkflow - > /dev/null <<'END'
                \(try Project.text("deploy/samples/workflows/people.json"))
                END
                { start RxNormInference a; start PHIDetection b; start BatchSegment c; } > /dev/null
                joblinectl start Matching people > /dev/null
                joblinectl wait $(jobs all) > /dev/null 2>&1
                joblinectl list all --status FAILED
                joblinectl list all --status FAILED -o json
                joblinectl list all --status CREATE_FAILED -o json
                """, at: daemon)
            let lines = Self.lines(outcome.output)
            #expect(
                lines.first?.split(separator: " ").map(String.init) == ["JOB", "STATE", "STARTED", "NAME", "REASON"])
            let reason = "  c     exit status 1; last line: no model"
            #expect(lines.contains { $0.hasPrefix("BatchSegment/c ") && $0.hasSuffix(reason) }, "\(lines)")
            #expect(lines.contains { $0.hasPrefix("PHIDetection/") && $0.contains("  FAILED  ") })
            #expect(!outcome.output.contains("RxNormInference"))
            let documents = lines.filter { $0.hasPrefix("{") }
            #expect(documents.count == 3, "\(documents)")
            #expect(documents.filter { $0.contains("\"family\":\"BatchSegment\"") }.count == 2)
            #expect(documents.allSatisfy { $0.contains("\"state\":\"failed\"") && $0.contains("\"id\":") })
        }
    }

    @Test("JSON has all jobs, the newest of all families first; what a limit leaves out is told of")
    func limits() async throws {
        try await withDaemon { daemon in
            let outcome = try await run(
                """
                joblinectl call EntityResolution.CreateMatchingWorkflow - > /dev/null <<'END'
                \(try Project.text("deploy/samples/workflows/people.json"))
                END
                for i in {1..35}; do
                    start RxNormInference n; start PHIDetection n; joblinectl start Matching people
                done > started
                tac started > newest
                jobs all > listed
                cmp newest listed && echo all
                jobs all --limit 7 | cmp - <(head -n 7 newest) && echo seven
                joblinectl list all | wc -l
                joblinectl list all --limit 9223372036854775807 | wc -l
                joblinectl list Matching --limit 9223372036854775807 -o json | wc -l
                jobs Matching --workflow people --limit 35 | wc -l
                """.replacing("started", with: daemon.directory.appending("started"))
                    .replacing("newest", with: daemon.directory.appending("newest"))
                    .replacing("listed", with: daemon.directory.appending("listed")), at: daemon)
            #expect(Self.lines(outcome.output) == ["all", "seven", "101", "106", "35", "35"], "\(outcome.error)")
            #expect(
                Self.lines(outcome.error) == [
                    "there are more than 7 jobs; show them with --limit 70",
                    "there are more than 100 jobs; show them with --limit 1000",
                ])
        }
    }

    @Test("Times are local, and UTC on request")
    func zones() async throws {
        try await withDaemon { daemon in
            let outcome = try await run(
                """
                job=$(start RxNormInference n)
                joblinectl wait $job > /dev/null
                field() { sed -n 's/^Started *//p'; }
                local=$(joblinectl describe $job | field)
                utc=$(joblinectl describe $job --utc | field)
                [[ $(date -ud "$utc" +%s) == $(date -d "$local" +%s) && $local != "${utc//[TZ]/ }" ]] && echo same
                joblinectl list RxNormInference | grep -c "$local"
                joblinectl list RxNormInference --utc | grep -c "$utc"
                second=$(date -d "$local" +%s)
                before=$(date -d "@$((second - 1))" '+%F %T') after=$(date -d "@$((second + 1))" '+%F %T')
                jobs RxNormInference --after "$before" --before "$after" | grep -c .
                jobs RxNormInference --after "$after" | grep -c .
                jobs RxNormInference --before "$before" | grep -c .
                """, at: daemon, zone: "JST-9")
            #expect(Self.lines(outcome.output) == ["same", "1", "1", "1", "0", "0"], "\(outcome.error)")
        }
    }
}
