import Jobline
import JoblineProtocol
import Subprocess
import TestSupport
import Testing

/// Standard error of executors, from the job's run to its end.
@Suite("Logs of jobs", .timeLimit(.minutes(1)))
struct JobLogTests {
    private static let executor = """
        #!/bin/sh
        echo 'loading \(Secret.word)' >&2
        printf '\\033[31mmodel 3 of 5\\n' >&2
        kill -9 $$
        """

    private func joblinectl(_ words: String..., at daemon: DaemonProcess) async throws -> Command.Outcome {
        try await Command.run(
            try Project.program("joblinectl"), words, environment: ["JOBLINE_SOCKET": daemon.socket])
    }

    private static func settings(_ directory: TestDirectory, _ more: String = "") throws -> String {
        let executor = try directory.write(executor, to: "executor", mode: 0o755)
        try directory.write("a note", to: "state/buckets/notes/note.txt")
        return "executors: {rxNormInference: {command: [\"\(executor)\"]}}\n\(more)"
    }

    @Test("joblinectl logs shows the lines of a job, which never get into the daemon's log")
    func shown() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory)
            let (_, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let id = try await daemon.client { client in
                    let id = try await CrashTests.start(client, token: "one")
                    let job = try await CrashTests.ended(client, id)
                    #expect(job.message == "ended by signal 9; last line: [31mmodel 3 of 5")
                    return id
                }
                let shown = try await joblinectl("logs", "RxNormInference", id, at: daemon)
                #expect(shown.status == .exited(0), "\(shown.error)")
                // Terminal control sequences are removed.
                #expect(shown.output == "loading \(Secret.word)\n [31mmodel 3 of 5\n")
                let json = try await joblinectl("logs", "RxNormInference/\(id)", "-o", "json", at: daemon)
                #expect(json.output.contains(#"\n\u001b[31mmodel 3 of 5\n","truncated":false}"#), "\(json.output)")
                let missing = try await joblinectl("logs", "RxNormInference", "none", at: daemon)
                #expect(missing.error.contains("ResourceNotFoundException"), "\(missing.error)")
                #expect(missing.status != .exited(0))
            }
            let failures = end.log.split(separator: "\n").filter { $0.contains(" error ") }
            #expect(failures.count == 1, "\(end.log)")
            #expect(failures.first?.contains("signal 9") == true)
            #expect(!end.log.contains(Secret.word) && !end.log.contains("model"), "\(end.log)")
        }
    }

    @Test("Reading a job log requires the right to write")
    func access() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory, "access: {write: {users: []}}")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let refused = try await joblinectl("logs", "RxNormInference", "none", at: daemon)
                #expect(refused.error.contains("access.write"), "\(refused.error)")
            }
        }
    }

    @Test("A job log is not found under another workflow, nor without one")
    func references() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                try await daemon.client { client in
                    let wrong = Sidecar.JobReference(family: .rxNormInference, id: "none", workflow: "people")
                    let invalid = await #expect(throws: JoblineError.self) {
                        try await client.sidecar.getJobLog(job: wrong)
                    }
                    #expect(invalid?.code == .invalid)
                    let missing = Sidecar.JobReference(family: .matching, id: "none", workflow: "people")
                    let notFound = await #expect(throws: JoblineError.self) {
                        try await client.sidecar.getJobLog(job: missing)
                    }
                    #expect(notFound?.code == .notFound)
                }
            }
        }
    }
}
