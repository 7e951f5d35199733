import Jobline
import Subprocess
import TestSupport
import Testing

/// Behaviour of the daemon while the system has no resources left to start an executor.
@Suite("Scarce resources", .timeLimit(.minutes(2)))
struct ExhaustedResourceTests {
    private static func settings(_ directory: TestDirectory, timeoutSeconds: Int = 3600) throws -> String {
        let executor = try directory.write(
            """
            #!/bin/sh
            echo done > note.txt.out
            echo '{"processed":{"input":"note.txt","output":"note.txt.out"}}'
            """, to: "executor", mode: 0o755)
        try directory.write("a note", to: "state/buckets/notes/note.txt")
        return "executors: {rxNormInference: {command: [\"\(executor)\"], timeoutSeconds: \(timeoutSeconds)}}"
    }

    /// Sets how many descriptors the daemon may have; what it has open it keeps.
    private static func limitDescriptors(of daemon: DaemonProcess, to count: Int) async throws {
        let outcome = try await Command.run("prlimit", ["--pid", "\(daemon.pid)", "--nofile=\(count):"])
        try #require(outcome.status == .exited(0), "\(outcome.error)")
    }

    private static func executors(_ client: JoblineClient) async throws -> Sidecar.HealthCheck {
        try #require(try await client.sidecar.getHealth().checks.first { $0.name == "executors" })
    }

    private static func untilHeldUp(_ client: JoblineClient) async throws -> Sidecar.HealthCheck {
        try await Samples.untilEnded {
            try await executors(client)
        } ended: {
            !$0.ok
        }
    }

    @Test("Without descriptors a job waits, health names the reason, and it runs once there are some")
    func waits() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) {
                daemon in
                try await daemon.client { client in
                    // The daemon has opened everything that it opens on demand.
                    let first = try await CrashTests.start(client, token: "first")
                    #expect(try await CrashTests.ended(client, first).jobStatus == .completed)
                    try await Self.limitDescriptors(of: daemon, to: 8)
                    let second = try await CrashTests.start(client, token: "second")
                    let check = try await Self.untilHeldUp(client)
                    #expect(check.detail?.contains("file descriptors") == true, "\(check)")
                    #expect(check.detail?.contains("LimitNOFILE") == true, "\(check)")
                    let job = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: second)
                    #expect(job.jobProperties?.jobStatus == .inProgress)
                    try await Self.limitDescriptors(of: daemon, to: 1024)
                    #expect(try await CrashTests.ended(client, second).jobStatus == .completed)
                    #expect(try await Self.executors(client).ok)
                }
            }
            // One line at the begin and one at the end, for any number of attempts.
            let lines = end.log.split(separator: "\n")
            #expect(lines.count { $0.contains(" error ") } == 1, "\(end.log)")
            #expect(lines.count { $0.contains("the job goes on") } == 1, "\(end.log)")
            #expect(!end.log.contains(Secret.word))
        }
    }

    @Test("The time limit does not wait for descriptors")
    func timeLimit() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory, timeoutSeconds: 1)
            let (_, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let first = try await CrashTests.start(client, token: "first")
                    #expect(try await CrashTests.ended(client, first).jobStatus == .completed)
                    try await Self.limitDescriptors(of: daemon, to: 8)
                    let late = try await CrashTests.start(client, token: "late")
                    let failed = try await CrashTests.ended(client, late)
                    #expect(failed.jobStatus == .failed)
                    #expect(
                        failed.message
                            == "the executor could not be started within 1 seconds: the system has no more file descriptors"
                    )
                }
            }
            #expect(end.status == .exited(0), "\(end.log)")
        }
    }

    @Test("A job that waits for descriptors can be stopped, and ends with the daemon")
    func stops() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) {
                daemon in
                try await daemon.client { client in
                    let first = try await CrashTests.start(client, token: "first")
                    #expect(try await CrashTests.ended(client, first).jobStatus == .completed)
                    try await Self.limitDescriptors(of: daemon, to: 8)
                    let stopped = try await CrashTests.start(client, token: "stopped")
                    _ = try await Self.untilHeldUp(client)
                    _ = try await client.comprehendMedical.stopRxNormInferenceJob(jobID: stopped)
                    #expect(try await CrashTests.ended(client, stopped).jobStatus == .stopped)
                    _ = try await CrashTests.start(client, token: "left")
                    _ = try await Self.untilHeldUp(client)
                }
            }
            #expect(end.status == .exited(0), "\(end.log)")
        }
    }
}
