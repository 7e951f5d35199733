import Jobline
import Subprocess
import TestSupport
import Testing

/// joblinectl where some jobs are there and others are not, and where a word is misspelt.
@Suite("The command line of several jobs", .timeLimit(.minutes(2)))
struct SeveralJobsCommandTests {
    private func shell(_ script: String, at socket: String) async throws -> Command.Outcome {
        let program = try Project.program("joblinectl")
        return try await Command.run(
            "bash", ["-c", "joblinectl() { '\(program)' \"$@\"; }\n" + script], environment: ["JOBLINE_SOCKET": socket])
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("describe continues after unknown jobs, and reports each")
    func describe() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                let outcome = try await shell(
                    """
                    job=$(joblinectl start RxNormInference --input s3://notes/ --output s3://out/)
                    joblinectl describe RxNormInference/none BatchSegment/none Matching/none/1 $job -o json
                    echo $?
                    """, at: daemon.socket)
                let lines = Self.lines(outcome.output)
                #expect(lines.count == 2, "\(lines)")
                #expect(lines.first?.contains("\"family\":\"RxNormInference\"") == true)
                #expect(lines.last == "66")
                let errors = Self.lines(outcome.error)
                #expect(errors.count == 3, "\(errors)")
                for (error, job) in zip(errors, ["RxNormInference/none", "BatchSegment", "Matching/none/1"]) {
                    #expect(error.hasPrefix("joblinectl: ") && error.contains(job), "\(error)")
                }
            }
        }
    }

    @Test("wait reports an unknown job at once, and waits for the others")
    func wait() async throws {
        let settings = "executors:\n  phiDetection: {command: [sleep, \"1000\"]}"
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let pipe = directory.appending("pipe")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                // The line is readable while the other job runs, which is stopped afterwards.
                let outcome = try await shell(
                    """
                    job=$(joblinectl start PHIDetection --input s3://notes/ --output s3://out/)
                    mkfifo \(pipe)
                    joblinectl wait PHIDetection nosuch $job 2> \(pipe) &
                    exec 3< \(pipe)
                    read -r line <&3
                    echo "$line"
                    joblinectl stop $job > /dev/null
                    wait $!
                    echo $?
                    """, at: daemon.socket)
                let lines = Self.lines(outcome.output)
                #expect(
                    lines.first
                        == "joblinectl: job PHIDetection/nosuch does not exist, or has expired")
                #expect(lines.dropFirst().first?.hasSuffix("  STOPPED") == true, "\(lines)")
                #expect(lines.last == "66")
            }
        }
    }

    @Test("A start with unknown outcome names the token that makes a repetition safe")
    func token() async throws {
        let settings = Samples.settings(
            "faults: {lost-start: {methods: ComprehendMedical.Start*, error: InternalServerException, after: true}}")
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let start = "joblinectl start RxNormInference --input s3://notes/ --output s3://results/"
            let (failure, _) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await shell(start, at: daemon.socket)
            }
            #expect(failure.status == .exited(70), "\(failure.error)")
            let advice = try #require(failure.error.firstRange(of: "retry with --token "))
            let token = failure.error[advice.upperBound...].prefix { !$0.isWhitespace }
            #expect(token.count == 36, "\(failure.error)")
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                let outcome = try await shell(
                    """
                    job=$(\(start) --token \(token))
                    \(start) --token \(token) -o json
                    [[ $(joblinectl list RxNormInference -o json) == *"\\"$job\\""* ]] && echo same
                    joblinectl list RxNormInference -o json | wc -l
                    """, at: daemon.socket)
                let lines = Self.lines(outcome.output)
                #expect(lines.first?.contains("\"token\":\"\(token)\"") == true, "\(outcome.error)")
                #expect(lines.dropFirst() == ["same", "1"], "\(lines)")
            }
        }
    }

    @Test("call warns of unknown parameters, and suggests the method")
    func call() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let outcome = try await shell(
                    """
                    joblinectl call Personalize.ListBatchSegmentJobs '{"maxResult":5}' -o json
                    joblinectl call ComprehendMedical.ListPHIDetectionJobs '{"Filter":{"JobStats":"FAILED"}}' -o json
                    joblinectl call ComprehendMedical.ListPHIDetectionJobs '{"Filter":{"JobStatus":"FAILED"}}' -o json
                    joblinectl call Personalize.ListBatchSegmentJob
                    joblinectl lst
                    """, at: daemon.socket)
                #expect(Self.lines(outcome.output).count == 3, "\(outcome.output)")
                let errors = Self.lines(outcome.error)
                #expect(
                    errors.prefix(2) == [
                        "joblinectl: Personalize.ListBatchSegmentJobs has no parameter maxResult; did you mean maxResults?",
                        "joblinectl: ComprehendMedical.ListPHIDetectionJobs has no parameter Filter.JobStats; did you mean "
                            + "JobStatus?",
                    ], "\(errors)")
                #expect(errors.count == 4)
                #expect(errors[2].hasSuffix("did you mean Personalize.ListBatchSegmentJobs?"))
                #expect(errors[3] == "joblinectl: 'lst' is not a command; did you mean list?")
                #expect(outcome.status == .exited(64))
            }
        }
    }
}
