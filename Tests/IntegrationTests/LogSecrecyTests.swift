import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests that nothing of requests, jobs and files gets into the log. Every test that starts a daemon checks the same; these
/// exercise the riskiest paths.
@Suite("Log secrecy", .timeLimit(.minutes(2)))
struct LogSecrecyTests {
    private let word = Secret.word

    @Test("A word that gets into a log is found")
    func control() async throws {
        let settings = "faults: {\(word): {methods: Personalize.List*, share: 0.25, delayMilliseconds: 1}}"
        try await TestDirectory.with { directory in
            let failure = try await #require(throws: TestFailure.self) {
                try await DaemonProcess.with(in: directory, settings: settings) { _ in }
            }
            #expect(failure.description.contains("fault injection is active"), "\(failure)")
        }
    }

    /// Sends lines on one connection, and returns all that comes back.
    private func send(_ daemon: DaemonProcess, _ lines: [String]) async throws -> String {
        let input = lines.map { $0 + "\n" }.joined()
        return try await Command.run("socat", ["-t30", "-", "UNIX-CONNECT:" + daemon.socket], input: input).output
    }

    @Test("Requests that are refused, for whatever reason")
    func refused() async throws {
        let describe = "\"method\":\"ComprehendMedical.DescribeRxNormInferenceJob\""
        let list = "\"method\":\"ComprehendMedical.ListRxNormInferenceJobs\""
        let survivable = [
            "{\"method\":\"\(word)\"}", "{\"method\":\"ComprehendMedical.\(word)\"}",
            "{\(describe),\"id\":\"\(word)\"}",
            "{\(describe),\"params\":{\"JobId\":\"\(word)\"}}", "{\(describe),\"params\":{\"JobId\":{\"\(word)\":1}}}",
            "{\(describe),\"params\":{\"\(word)\":1}}", "{\(describe),\"params\":\"\(word)\"}",
            "{\(describe),\"params\":[\"\(word)\"]}", "{\(describe),\"traceparent\":\"\(word)\"}",
            "{\(describe),\"timeoutMs\":\"\(word)\"}", "{\(describe),\"\(word)\":1}", "{\"\(word)\":",
            "{\"method\":{\"\(word)\":1}}", "{\(list),\"params\":{\"NextToken\":\"\(word)\"}}",
            "{\(list),\"params\":{\"Filter\":{\"JobName\":\"\(word)\",\"JobStatus\":\"\(word)\"}}}",
            "{\"method\":\"Personalize.ListBatchSegmentJobs\",\"params\":{\"nextToken\":\"\(word)\"}}",
            "{\"method\":\"EntityResolution.ListMatchingJobs\",\"params\":{\"workflowName\":\"\(word)\"}}",
            "{\"method\":\"EntityResolution.GetMatchingWorkflow\",\"params\":{\"workflowName\":\"\(word)\"}}",
            "{\"method\":\"rpc.hello\",\"params\":{\"client\":\"\(word)\"}}",
            "{\"method\":\"rpc.hello\",\"params\":{\"client\":\"\(word)\",\"require\":[\"\(word)\"]}}",
            "{\"method\":\"rpc.cancel\",\"params\":{\"id\":\"\(word)\"}}",
            "{\"id\":\"\(word)\",\"method\":\"rpc.ping\"}",
        ]
        let fatal = [word, "12345678 \(word)", "GET /\(word) HTTP/1.1", "5\n\(word)", "Content-Length: \(word)"]
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                let replies = try await send(daemon, survivable)
                #expect(replies.split(separator: "\n").count == survivable.count, "\(replies)")
                // Replies to the caller may contain it.
                #expect(replies.contains(word))
                for line in fatal { #expect(try await send(daemon, [line]).contains("-32700")) }
            }
            let requests = end.log.split(separator: "\n").filter { $0.contains(" debug request ") }
            #expect(requests.count == survivable.count)
            #expect(end.log.contains("connection broken off"))
        }
    }

    /// Runs a job whose names, places and words are all the secret one.
    ///
    /// - Parameter script: What its executor does.
    /// - Returns: How the daemon's log goes on.
    private func run(
        _ directory: TestDirectory, script: String,
        before: (DaemonProcess, JoblineClient) async throws -> Void = { _, _ in }
    ) async throws -> String {
        let executor = try directory.write("#!/bin/sh\n\(script)\n", to: "executor", mode: 0o755)
        try directory.write("\(word)\n", to: "state/buckets/\(word)/\(word)/\(word).txt")
        let families = ["rxNormInference", "batchSegment", "matching"]
        let settings =
            "executors: {" + families.map { "\($0): {command: [\"\(executor)\"]}" }.joined(separator: ", ") + "}"
        let role = "arn:aws:iam::000000000000:role/\(word)"
        let (_, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
            try await daemon.client { client in
                try await before(daemon, client)
                let medical = try await client.comprehendMedical.startRxNormInferenceJob(
                    inputDataConfig: .init(s3Bucket: word, s3Key: word),
                    outputDataConfig: .init(s3Bucket: word, s3Key: "\(word)-out"), dataAccessRoleARN: role,
                    languageCode: .en, jobName: word, clientRequestToken: word)
                _ = try await CrashTests.ended(client, try #require(medical.jobID))
                let segment = try await client.personalize.createBatchSegmentJob(
                    jobName: word,
                    solutionVersionARN: "arn:aws:personalize:us-east-1:000000000000:solution/\(word)/v1",
                    jobInput: .init(s3DataSource: .init(path: "s3://\(word)/\(word)/\(word).txt")),
                    jobOutput: .init(s3DataDestination: .init(path: "s3://\(word)/\(word)-segments/")), roleARN: role)
                let arn = try #require(segment.batchSegmentJobARN)
                _ = try await Samples.untilEnded {
                    try #require(
                        try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn).batchSegmentJob)
                } ended: {
                    $0.status == .active || $0.status == .createFailed
                }
                try await Samples.createWorkflow(client, named: word)
                let matching = try await client.entityResolution.startMatchingJob(workflowName: word)
                _ = try await Samples.untilEnded {
                    try await client.entityResolution.getMatchingJob(workflowName: word, jobID: matching.jobID)
                } ended: {
                    $0.endTime != nil
                }
            }
        }
        #expect(end.log.split(separator: "\n").count { $0.contains(" debug job ended ") } == 3, "\(end.log)")
        return end.log
    }

    @Test(
        "Jobs that end well, that fail, and whose executors say what they must not",
        arguments: [
            "cp -r \"$JOBLINE_INPUT\" \"$JOBLINE_OUTPUT/\"",
            "echo '\(Secret.word)' >&2; exit 3", "echo '\(Secret.word)'", "echo '{\"\(Secret.word)\":1}'",
            "echo '{\"processed\":{\"input\":\"\(Secret.word)\",\"output\":\"\(Secret.word)\"}}'",
            "echo '{\"message\":\"\(Secret.word)\"}'; kill -KILL $$",
            "ln -s /\(Secret.word) \"$JOBLINE_OUTPUT/\(Secret.word)\"",
        ])
    func jobs(script: String) async throws {
        try await TestDirectory.with { directory in _ = try await run(directory, script: script) }
    }

    @Test("Jobs whose output has no place to go")
    func noPlace() async throws {
        try await TestDirectory.with { directory in
            let log = try await run(directory, script: "touch \"$JOBLINE_OUTPUT/\(word)\"") { _, _ in
                try directory.write("", to: "state/buckets/\(word)/\(word)-out")
                try directory.write("", to: "state/buckets/\(word)/\(word)-segments/\(word)/\(word)")
            }
            #expect(log.contains(" error job step failed "))
        }
    }

    @Test("Jobs whose executor has gone")
    func noExecutor() async throws {
        try await TestDirectory.with { directory in
            let log = try await run(directory, script: "") { _, _ in unlink(directory.appending("executor")) }
            #expect(log.contains(" error job step failed "))
        }
    }

    @Test("A job of an earlier daemon that cannot be read ends the start with a reason")
    func damagedRun() async throws {
        try await TestDirectory.with { directory in
            let settings = try CrashTests.settings(directory, onRestart: "fail")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    _ = try await CrashTests.start(client, token: word)
                    try await CrashTests.untilRunning(directory, times: 1)
                    daemon.send(.kill)
                }
            }
            try directory.write("go", to: "go")
            try Damage.loseOutputs(in: directory.appending("state/jobline.sqlite"))
            let outcome = try await StartUpTests.start(directory, ["--log-level", "trace"], settings: settings)
            #expect(outcome.status == .exited(1))
            try Secret.search(outcome.error)
            let last = outcome.error.split(separator: "\n").last
            #expect(last?.hasPrefix("joblined: the jobs of an earlier daemon in ") == true, "\(outcome.error)")
            #expect(last?.hasSuffix("cannot be read: SQLite error 20 (datatype mismatch)") == true, "\(outcome.error)")
        }
    }

    @Test("Rows of the database that cannot be read")
    func damage() async throws {
        try await TestDirectory.with { directory in
            let settings = "executors: {batchSegment: {command: [sleep, \"1000\"], onRestart: rerun}}"
            let create = """
                {"method":"Personalize.CreateBatchSegmentJob","params":{"jobName":"\(word)","solutionVersionArn":"\(Samples.solution)",\
                "jobInput":{"s3DataSource":{"path":"s3://\(word)/\(word)"}},\
                "jobOutput":{"s3DataDestination":{"path":"s3://\(word)/"}},"roleArn":"\(Samples.role)"}}
                """
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let created = try await send(daemon, [create])
                #expect(created.contains("batch-segment-job/\(word)"), "\(created)")
            }
            try Damage.loseOutputs(in: directory.appending("state/jobline.sqlite"))
            let (_, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let describe = """
                    {"method":"Personalize.DescribeBatchSegmentJob","params":\
                    {"batchSegmentJobArn":"arn:aws:personalize:us-east-1:000000000000:batch-segment-job/\(word)"}}
                    """
                let described = try await send(daemon, [describe])
                #expect(described.contains("\"code\":500"), "\(described)")
            }
            let failure = end.log.split(separator: "\n").first { $0.contains(" error service failed ") }
            #expect(failure?.contains("error=\"SQLite error 20 ") == true, "\(end.log)")
        }
    }
}
