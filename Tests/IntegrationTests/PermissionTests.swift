import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Messages about missing rights of the daemon, a group or a caller. Needs root, to be several users.
@Suite("Permission trouble", .timeLimit(.minutes(2)), .enabled(if: geteuid() == 0))
struct PermissionTests {
    /// A user and a group that no host has a name for.
    private static let daemon: uid_t = 54321
    private static let stranger: uid_t = 54322

    /// Runs a daemon of another user, under the umask of the shipped unit or another one.
    private func withDaemon(
        umask: String = "007", prepare: (TestDirectory) throws -> Void = { _ in },
        _ body: @escaping @Sendable (DaemonProcess) async throws -> Void
    ) async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let command = try CompleteExecutor.command()
            let families = ["rxNormInference", "batchSegment", "matching"]
            let settings = "executors:\n" + families.map { "  \($0): {command: \(command)}\n" }.joined()
            mkdir(directory.appending("state/buckets/results"), 0o755)
            chmod(directory.path, 0o777)
            let owner = "\(Self.daemon):\(Self.daemon)"
            _ = try await Command.run("chown", ["-R", owner, directory.appending("state")])
            try prepare(directory)
            let launcher = [
                "sh", "-c",
                "chmod 666 \"$0/notify\"; umask \(umask); exec setpriv --reuid \(Self.daemon) "
                    + "--regid \(Self.daemon) --clear-groups -- \"$@\"", directory.path,
            ]
            try await DaemonProcess.with(in: directory, settings: settings, launcher: launcher) { daemon in
                try await body(daemon)
            }
        }
    }

    private func medical(_ client: JoblineClient) async throws -> ComprehendMedical.JobProperties {
        try await CrashTests.ended(client, try await CrashTests.start(client, token: "t"))
    }

    private func personalize(_ client: JoblineClient) async throws -> Personalize.BatchSegmentJob {
        let made = try await client.personalize.createBatchSegmentJob(
            jobName: "june", solutionVersionARN: Samples.solution,
            jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
            jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/")), roleARN: Samples.role)
        let arn = try #require(made.batchSegmentJobARN)
        return try await Samples.untilEnded {
            try #require(
                try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn).batchSegmentJob)
        } ended: {
            $0.status == .active || $0.status == .createFailed
        }
    }

    private func matching(_ client: JoblineClient) async throws -> EntityResolution.GetMatchingJobResponse {
        try await Samples.createWorkflow(client)
        let id = try await client.entityResolution.startMatchingJob(workflowName: "customers").jobID
        return try await Samples.untilEnded {
            try await client.entityResolution.getMatchingJob(workflowName: "customers", jobID: id)
        } ended: {
            $0.endTime != nil
        }
    }

    private static func advice(_ path: String, _ right: String = "read", _ letters: String = "rX") -> String {
        "the user \(daemon) may not \(right) \(path): give it to the group \(daemon) (chgrp) "
            + "and let that group in (chmod g+\(letters))"
    }

    @Test("An input that the daemon may not read is named, with its user and the way out")
    func inputs() async throws {
        try await withDaemon { directory in
            for name in ["buckets/notes", "buckets/items/items.json", "tables/sample/customers/crm.csv"] {
                chown(directory.appending("state/\(name)"), 0, 0)
                chmod(directory.appending("state/\(name)"), 0o700)
            }
        } _: { daemon in
            try await daemon.client { client in
                let job = try await medical(client)
                #expect(job.jobStatus == .failed)
                #expect(
                    job.message == "s3://notes cannot be read: " + Self.advice(daemon.state + "/buckets/notes"))
                #expect(
                    try await personalize(client).failureReason == "s3://items/items.json cannot be read: "
                        + Self.advice(daemon.state + "/buckets/items/items.json"))
                #expect(
                    try await matching(client).errorDetails?.errorMessage == "\(Samples.table) cannot be read: "
                        + Self.advice(daemon.state + "/tables/sample/customers/crm.csv"))
            }
        }
    }

    @Test("One note that the daemon may not read is left out with that reason, and the others are done")
    func oneNote() async throws {
        let note = "0002-discharge.txt"
        try await withDaemon { directory in
            chown(directory.appending("state/buckets/notes/\(note)"), 0, 0)
            chmod(directory.appending("state/buckets/notes/\(note)"), 0o600)
        } _: { daemon in
            try await daemon.client { client in
                let job = try await medical(client)
                #expect(job.jobStatus == .partialSuccess)
                let key = try #require(job.outputDataConfig?.s3Key)
                let list = try daemon.directory.read("state/buckets/results/\(key)unprocessed")
                let entry = #"{"Input":"\#(note)","ErrorMessage":"not readable by the user \#(Self.daemon)"}"#
                #expect(list == "{\"Files\":[\(entry)]}\n")
            }
        }
    }

    @Test("An output that the daemon may not write is named before any executor runs")
    func outputs() async throws {
        try await withDaemon { directory in
            chown(directory.appending("state/buckets/results"), 0, 0)
        } _: { daemon in
            let advice = Self.advice(daemon.state + "/buckets/results", "write to", "rwX")
            try await daemon.client { client in
                let job = try await medical(client)
                #expect(job.message == "s3://results cannot be written: " + advice)
                let segment = try await personalize(client)
                #expect(segment.failureReason == "s3://results/segments/ cannot be written: " + advice)
            }
        }
    }

    @Test(
        "The group of a shared bucket can remove what jobs have written, whatever the umask",
        arguments: ["007", "027", "022"])
    func removal(_ umask: String) async throws {
        try await withDaemon(umask: umask) { directory in
            chmod(directory.appending("state"), 0o750)
            for name in ["buckets", "buckets/results"] { chmod(directory.appending("state/\(name)"), 0o2770) }
        } _: { daemon in
            try await daemon.client { client in
                _ = try await medical(client)
                #expect(try await personalize(client).status == .active)
                #expect(try await matching(client).status == .succeeded)
            }
            let results = daemon.state + "/buckets/results"
            let found = try await Command.run("find", [results, "-type", "f"])
            #expect(found.output.split(separator: "\n").count > 8, "\(found.output)")
            let removed = try await Command.run(
                "setpriv",
                [
                    "--reuid", "\(Self.stranger)", "--regid", "\(Self.stranger)", "--groups", "\(Self.daemon)", "--",
                    "sh", "-c", "rm -r \"$0\"/*", results,
                ])
            #expect(removed.status.isSuccess, "\(removed.error)")
            #expect(daemon.directory.list("state/buckets/results").isEmpty)
            // Other users cannot read the database.
            let read = try await Command.run(
                "setpriv",
                [
                    "--reuid", "\(Self.stranger)", "--regid", "\(Self.stranger)", "--groups", "\(Self.daemon)", "--",
                    "cat", daemon.state + "/jobline.sqlite",
                ])
            #expect(!read.status.isSuccess)
        }
    }

    @Test("A state directory of another user is named, with the way out")
    func state() async throws {
        try await TestDirectory.with { directory in
            chmod(directory.path, 0o777)
            mkdir(directory.appending("state"), 0o700)
            let outcome = try await Command.run(
                "setpriv",
                [
                    "--reuid", "\(Self.daemon)", "--regid", "\(Self.daemon)", "--clear-groups", "--",
                    try Project.program("joblined"), "--socket", directory.appending("s"), "--state-directory",
                    directory.appending("state"),
                ])
            #expect(!outcome.status.isSuccess)
            #expect(outcome.error.contains(Self.advice(directory.appending("state"))), "\(outcome.error)")
        }
    }

    @Test("Who may not connect is told of the group that may, in the SDK and on the command line")
    func socket() async throws {
        try await withDaemon { _ in
        } _: { daemon in
            chmod(daemon.socket, 0o660)
            let outcome = try await Command.run(
                "setpriv",
                [
                    "--reuid", "\(Self.stranger)", "--regid", "\(Self.stranger)", "--clear-groups", "--",
                    try Project.program("joblinectl"), "list", "all",
                ],
                environment: ["JOBLINE_SOCKET": daemon.socket])
            #expect(!outcome.status.isSuccess)
            #expect(
                outcome.error.contains(
                    "permission denied at \(daemon.socket); the user \(Self.stranger) is not in the group "
                        + "\(Self.daemon), whose members may connect: sudo usermod -aG \(Self.daemon) \(Self.stranger), "
                        + "and log in again"), "\(outcome.error)")
        }
    }
}
