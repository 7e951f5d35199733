import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests joblinectl's live commands and shell completion.
@Suite("The command line of jobs that go on", .timeLimit(.minutes(2)))
struct LiveCommandTests {
    private func shell(_ script: String, at daemon: DaemonProcess) async throws -> Command.Outcome {
        let program = try Project.program("joblinectl")
        let folder = program.dropLast("/joblinectl".count)
        return try await Command.run(
            "bash", ["-c", "PATH=\(folder):$PATH\n" + script], environment: ["JOBLINE_SOCKET": daemon.socket])
    }

    private func withDaemon(_ body: @escaping @Sendable (DaemonProcess) async throws -> Void) async throws {
        let settings = """
            executors:
              rxNormInference: {command: \(try CompleteExecutor.command())}
              batchSegment: {command: ["false"]}
              phiDetection: {command: [sleep, "1000"]}
            """
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { try await body($0) }
        }
    }

    @Test("watch follows jobs of several families until all have ended")
    func watch() async throws {
        try await withDaemon { daemon in
            let outcome = try await shell(
                """
                job=$(joblinectl start RxNormInference --input s3://notes/ --output s3://out/)
                joblinectl start BatchSegment --name n --input s3://items/items.json --output s3://out/
                joblinectl watch --until-ended $job BatchSegment/n RxNormInference/none
                joblinectl watch --until-ended RxNormInference $job -o json
                joblinectl list all -o json
                """, at: daemon)
            #expect(outcome.status == .exited(0), "\(outcome.error)")
            let lines = outcome.output.split(separator: "\n")
            let last = { (text: String) in lines.last { $0.contains(text) && !$0.hasPrefix("{") } }
            #expect(last("batch-segment-job/n ")?.contains("  failed  ") == true, "\(outcome.output)")
            #expect(lines.contains { $0.hasSuffix("  succeeded") && $0.contains("RxNormInference/") })
            #expect(lines.contains { $0.hasSuffix("  gone") && $0.contains("RxNormInference/none ") })
            let documents = lines.filter { $0.hasPrefix("{") }
            #expect(documents.count == 3)
            #expect(
                documents.first?.contains("\"state\":\"succeeded\",\"status\":\"COMPLETED\",\"job\":{\"JobId\":")
                    == true)
            for document in documents {
                #expect(document.hasPrefix("{\"service\":"), "\(document)")
                #expect(JSONDocument(String(document)) != nil)
            }
        }
    }

    @Test("watch ends quietly on a closed pipe and on a signal")
    func endOfWatch() async throws {
        try await withDaemon { daemon in
            let outcome = try await shell(
                """
                job=$(joblinectl start PHIDetection --input s3://notes/ --output s3://out/)
                joblinectl watch $job | head -1
                echo ${PIPESTATUS[0]}
                mkfifo pipe-$$
                joblinectl watch PHIDetection $job > pipe-$$ &
                exec 3< pipe-$$
                read -r line <&3
                kill $!
                wait $!
                echo $?
                """.replacing("pipe-$$", with: daemon.directory.appending("pipe")), at: daemon)
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.first?.contains("  ") == true)
            #expect(lines.dropFirst() == ["141", "143"])
            #expect(outcome.error.isEmpty, "\(outcome.error)")
        }
    }

    @Test("wait outlasts a restart of the daemon")
    func restart() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let command = try CompleteExecutor.command(
                first: "while ! test -e $0; do sleep 0.05; done", directory.appending("done"))
            let settings = """
                executors:
                  rxNormInference:
                    command: \(command)
                    onRestart: rerun
                """
            let environment = ["JOBLINE_SOCKET": directory.appending("jobline.sock")]
            let program = try Project.program("joblinectl")
            let (job, _) = try await DaemonProcess.with(in: directory, settings: settings) { _ in
                let started = try await Command.run(
                    program, ["start", "RxNormInference", "--input", "s3://notes/", "--output", "s3://out/"],
                    environment: environment)
                return started.output.split(separator: "\n").first.map(String.init) ?? ""
            }
            // The wait begins without a daemon, and meets one and then the next.
            let waited = Task {
                try await Command.run(program, ["wait", job], environment: environment)
            }
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    while try await client.sidecar.getStatistics().watches?.open == 0 {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
            try directory.write("", to: "done")
            try await DaemonProcess.with(in: directory, settings: settings) { _ in
                let outcome = try await waited.value
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(outcome.output == "\(job)  COMPLETED\n")
                #expect(outcome.error.isEmpty)
            }
        }
    }

    @Test("Top without a terminal is blocks of lines, or of JSON")
    func top() async throws {
        try await withDaemon { daemon in
            let outcome = try await shell(
                """
                joblinectl start PHIDetection --input s3://notes/ --output s3://out/
                joblinectl top --count 2 --interval 0.1
                joblinectl top --count 2 --interval 0.1 -o json
                """, at: daemon)
            #expect(outcome.status == .exited(0), "\(outcome.error)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("joblined ") } == 2)
            #expect(lines.count { $0.contains("  PHIDetection  ") } == 2, "\(outcome.output)")
            #expect(lines.count { $0.hasPrefix("{\"startTime\":") } == 2)
            #expect(!outcome.output.contains("\u{1B}"))
        }
    }

    @Test("bash completes commands, families, jobs, states, methods and formats")
    func completion() async throws {
        try await withDaemon { daemon in
            let outcome = try await shell(
                """
                job=$(joblinectl start PHIDetection --input s3://notes/ --output s3://out/)
                joblinectl start BatchSegment --name n --input s3://items/items.json --output s3://out/ > /dev/null
                source <(joblinectl completion bash)
                complete_words() {
                    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
                    COMP_POINT=${#COMP_LINE}
                    _joblinectl joblinectl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                    echo "${COMPREPLY[*]/${job#*/}/JOB}"
                }
                complete_words joblinectl wa
                complete_words joblinectl start RxN
                complete_words joblinectl wait PHID
                complete_words joblinectl wait PHIDetection ""
                complete_words joblinectl describe BatchSegment ""
                complete_words joblinectl watch PHIDetection/
                complete_words joblinectl list RxNormInference --status C
                complete_words joblinectl list --output ""
                complete_words joblinectl call rpc.p
                complete_words joblinectl completion ""
                complete_words joblinectl wait --socket /nowhere PHIDetection ""
                """, at: daemon)
            #expect(outcome.status == .exited(0))
            #expect(outcome.error.isEmpty, "\(outcome.error)")
            #expect(
                outcome.output == """
                    wait watch
                    RxNormInference
                    PHIDetection
                    JOB
                    n
                    PHIDetection/JOB
                    COMPLETED
                    table json
                    rpc.ping
                    zsh bash fish


                    """)
        }
    }
}
