import Glibc
import Jobline
import TestSupport
import Testing

/// Buckets on other file systems than the state directory, as operators have them.
@Suite("Buckets on other disks", .timeLimit(.minutes(2)), .enabled { await MountNamespace.isPermitted() })
struct OtherDiskTests {
    /// Runs a job of Comprehend Medical, one of Personalize and one of Entity Resolution to their ends.
    private func jobs(_ client: JoblineClient) async throws -> [String] {
        let medical = try await CrashTests.ended(client, try await CrashTests.start(client, token: "t"))
        let segment = try await client.personalize.createBatchSegmentJob(
            jobName: "june", solutionVersionARN: Samples.solution,
            jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
            jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/")), roleARN: Samples.role)
        let arn = try #require(segment.batchSegmentJobARN)
        let personalize = try await Samples.untilEnded {
            try #require(
                try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn).batchSegmentJob)
        } ended: {
            $0.status == .active || $0.status == .createFailed
        }
        try await Samples.createWorkflow(client)
        let id = try await client.entityResolution.startMatchingJob(workflowName: "customers").jobID
        let matching = try await Samples.untilEnded {
            try await client.entityResolution.getMatchingJob(workflowName: "customers", jobID: id)
        } ended: {
            $0.endTime != nil
        }
        return [
            "\(medical.jobStatus?.rawValue ?? "") \(medical.message ?? "")",
            "\(personalize.status?.rawValue ?? "") \(personalize.failureReason ?? "")",
            "\(matching.status.rawValue) \(matching.errorDetails?.errorMessage ?? "")",
        ]
    }

    @Test(
        "Other disks receive the whole output of every family, without temporary files",
        arguments: [
            // A bucket that is a file system of its own; mounts within it, beside and below where output goes; a bucket that
            // is a folder of the same file system, mounted there; all buckets on another disk.
            "mount -t tmpfs none \"$0/results\"",
            "mkdir -p \"$0/results/segments\" && mount -t tmpfs none \"$0/results/segments\"",
            """
            mkdir -p "$0/results/segments/more" && mount -t tmpfs none "$0/results/segments/more" \
            && echo old > "$0/results/segments/more/more.out"
            """,
            "mkdir -p \"$0/elsewhere\" && mount --bind \"$0/elsewhere\" \"$0/results\"",
            "cp -R \"$0\" \"$0.copy\" && mount -t tmpfs none \"$0\" && cp -R \"$0.copy\"/* \"$0\"",
        ])
    func mounts(_ mounts: String) async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try directory.write("aspirin", to: "state/buckets/notes/note.txt")
            mkdir(directory.appending("state/buckets/results"), 0o755)
            let command = try CompleteExecutor.command(first: "mkdir -p more; echo new > more/more.out")
            let settings =
                "executors:\n"
                + ["rxNormInference", "batchSegment", "matching"].map { "  \($0): {command: \(command)}\n" }.joined()
            let buckets = directory.appending("state/buckets")
            try await MountNamespace.with(mounts: mounts, [buckets]) { namespace in
                try await DaemonProcess.with(in: directory, settings: settings, launcher: namespace.launcher) {
                    daemon in
                    let ends = try await daemon.client { try await jobs($0) }
                    #expect(ends == ["COMPLETED ", "ACTIVE ", "SUCCEEDED "])
                    let found = try await Command.run(
                        "find", [namespace.path(buckets + "/results"), "-type", "f", "-printf", "%P %s\\n"])
                    let files = found.output.split(separator: "\n").map(String.init)
                    for end in ["/note.txt.out 5", "/success/done.csv 5", "/Manifest "] {
                        #expect(files.contains { "/\($0)".contains(end) }, "\(files)")
                    }
                    #expect(files.contains("segments/items.json.out 5"), "\(files)")
                    #expect(files.contains("segments/more/more.out 4"), "\(files)")
                    let hidden = try await Command.run(
                        "find", [namespace.path(buckets), "-name", ".jobline-*"])
                    #expect(hidden.output.isEmpty, "\(hidden.output)")
                    #expect(directory.list("state/work").isEmpty)
                }
            }
        }
    }

    @Test("A job with an unwritable output disk fails before its executor runs, with the path")
    func readOnly() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            mkdir(directory.appending("state/buckets/results"), 0o755)
            let settings = "executors: {rxNormInference: {command: [touch, \"\(directory.appending("ran"))\"]}}"
            let results = directory.appending("state/buckets/results")
            try await MountNamespace.with(mounts: "mount -t tmpfs -o ro none \"$0\"", [results]) { namespace in
                try await DaemonProcess.with(in: directory, settings: settings, launcher: namespace.launcher) {
                    daemon in
                    let job = try await daemon.client { client in
                        try await CrashTests.ended(client, try await CrashTests.start(client, token: "t"))
                    }
                    #expect(job.jobStatus == .failed)
                    #expect(
                        job.message == "s3://results cannot be written: \(results): Read-only file system",
                        "\(job.message ?? "")")
                    #expect(!directory.list("").contains("ran"))
                }
            }
        }
    }

    @Test("A job with a full output disk fails and leaves no output there")
    func full() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            mkdir(directory.appending("state/buckets/results"), 0o755)
            let command = try CompleteExecutor.command(first: "mkdir a; head -c 3000000 /dev/zero > a/large")
            let settings = "executors: {batchSegment: {command: \(command)}, rxNormInference: {command: \(command)}}"
            let results = directory.appending("state/buckets/results")
            try await SmallDisk.with(at: results, bytes: 1 << 20) { disk in
                try await DaemonProcess.with(in: directory, settings: settings, launcher: disk.launcher) { daemon in
                    try await daemon.client { client in
                        let job = try await CrashTests.ended(client, try await CrashTests.start(client, token: "t"))
                        #expect(job.jobStatus == .failed)
                        #expect(job.message?.contains("No space left on device") == true, "\(job.message ?? "")")
                        let found = try await Command.run("find", [disk.path, "-mindepth", "1"])
                        #expect(found.output.isEmpty, "\(found.output)")
                    }
                }
            }
        }
    }
}
