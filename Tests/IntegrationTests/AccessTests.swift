import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests access by the kernel's identity of the peer, and caps on connections.
@Suite("Access", .timeLimit(.minutes(2)))
struct AccessTests {
    /// Outcomes of a stop and a describe of an unknown job, called by another user.
    private func ask(_ daemon: DaemonProcess, as identity: [String]) async throws -> (write: String, read: String) {
        let requests = ["Stop", "Describe"].map { verb in
            "{\"method\":\"ComprehendMedical.\(verb)RxNormInferenceJob\",\"params\":{\"JobId\":\"none\"}}\n"
        }
        let outcome = try await Command.run(
            "setpriv", identity + ["socat", "-t30", "-", "UNIX-CONNECT:" + daemon.socket], input: requests.joined())
        let codes = outcome.output.split(separator: "\n").map { line in
            line.contains("\"code\":404") ? "allowed" : line.contains("\"code\":403") ? "denied" : String(line)
        }
        guard codes.count == 2 else { throw TestFailure("\(outcome)") }
        return (codes[0], codes[1])
    }

    @Test("Users by name and number, main groups, and supplementary groups however many", .enabled(if: geteuid() == 0))
    func identities() async throws {
        let settings = """
            access:
              read: {users: [nobody, 4711], groups: [4712]}
              write: {users: [4711], groups: [daemon]}
            """
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                // Users other than root must reach the socket.
                chmod(directory.path, 0o755)
                chmod(daemon.socket, 0o666)
                let (daemons, many) = ("--reuid=5001", (6000..<6200).map(String.init).joined(separator: ","))
                let cases: [([String], write: String, read: String)] = [
                    (["--reuid=nobody", "--regid=5000", "--clear-groups"], "denied", "allowed"),
                    (["--reuid=4711", "--regid=5000", "--clear-groups"], "allowed", "allowed"),
                    ([daemons, "--regid=daemon", "--clear-groups"], "allowed", "denied"),
                    ([daemons, "--regid=5000", "--groups=4712"], "denied", "allowed"),
                    ([daemons, "--regid=5000", "--groups=\(many),4712"], "denied", "allowed"),
                    ([daemons, "--regid=5000", "--groups=\(many)"], "denied", "denied"),
                    // Root has no special rights.
                    (["--reuid=0", "--regid=0", "--clear-groups"], "denied", "denied"),
                ]
                for (identity, write, read) in cases {
                    let found = try await ask(daemon, as: identity)
                    #expect(found.write == write && found.read == read, "\(identity): \(found)")
                }
            }
        }
    }

    @Test("joblinectl shows the caller's rights, names the key that denies access, and exits with 77")
    func commandLine() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: "access: {write: {users: []}}") { daemon in
                func joblinectl(_ words: String...) async throws -> Command.Outcome {
                    try await Command.run(
                        Project.program("joblinectl"), words, environment: ["JOBLINE_SOCKET": daemon.socket])
                }
                let refused = try await joblinectl("stop", "RxNormInference", "none")
                #expect(refused.status == .exited(77))
                #expect(refused.error.contains("access.write") && refused.error.contains("AccessDeniedException"))
                #expect(refused.error.split(separator: "\n").count == 1, "\(refused.error)")
                let info = try await joblinectl("info")
                #expect(info.status == .exited(0))
                #expect(
                    info.output.split(separator: "\n").contains { $0.hasPrefix("You may") && $0.hasSuffix(" read") })
                try await daemon.reload("access: {read: {users: []}}")
                let denied = try await joblinectl("info")
                #expect(denied.status == .exited(77))
                #expect(denied.error.contains("access.read"))
            }
        }
    }

    @Test("A connection over the cap fails as unavailable with nothing done, and succeeds when there is room")
    func tooMany() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: "connections: {total: 4, perUser: 1}") { daemon in
                try await daemon.client { second in
                    try await daemon.client { first in
                        _ = try await first.ping()
                        var options = CallOptions()
                        options.retry = .disabled
                        for _ in 1...20 {
                            // The only method that is never sent twice.
                            let error = await #expect(throws: JoblineError.self) {
                                try await second.entityResolution.startMatchingJob(
                                    workflowName: "none", options: options)
                            }
                            #expect(error?.code == .unavailable)
                            #expect(error?.outcomeUnknown == false)
                            #expect(error?.wire?.processed == false)
                            #expect(error?.wire?.retryable == true)
                            #expect(
                                error?.message.contains("connections.perUser") == true, "\(String(describing: error))")
                        }
                    }
                    // Refused and retried until the daemon has noticed the end of the first connection.
                    var code: JoblineError.Code?
                    while code != .notFound {
                        do throws(JoblineError) {
                            _ = try await second.entityResolution.startMatchingJob(workflowName: "none")
                        } catch {
                            code = error.code
                            try #require(code == .notFound || code == .unavailable, "\(error)")
                        }
                    }
                }
            }
        }
    }
}
