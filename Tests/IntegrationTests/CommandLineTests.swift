import Jobline
import Subprocess
import TestSupport
import Testing

/// joblinectl against a real daemon.
@Suite("The command line", .timeLimit(.minutes(2)))
struct CommandLineTests {
    /// Command line.
    private func joblinectl(_ words: String..., at daemon: DaemonProcess) async throws -> Command.Outcome {
        try await joblinectl(words, at: daemon)
    }

    private func joblinectl(_ words: [String], at daemon: DaemonProcess) async throws -> Command.Outcome {
        try await Command.run(
            try Project.program("joblinectl"), words, environment: ["JOBLINE_SOCKET": daemon.socket])
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// The families, each with its key under `executors`, and what stands behind `list FAMILY`.
    static let families: [(name: String, key: String, list: [String])] = [
        ("EntitiesDetectionV2", "entitiesDetectionV2", []), ("PHIDetection", "phiDetection", []),
        ("RxNormInference", "rxNormInference", []), ("ICD10CMInference", "icd10cmInference", []),
        ("SNOMEDCTInference", "snomedctInference", []), ("BatchSegment", "batchSegment", []),
        ("BatchInference", "batchInference", []), ("Matching", "matching", ["--workflow", "people"]),
        ("IdMapping", "idMapping", ["--workflow", "subscribers"]),
    ]

    @Test("joblinectl starts, awaits, describes and lists a job of every family")
    func families() async throws {
        let command = try CompleteExecutor.command()
        let executors = Self.families.map { "  \($0.key): {command: \(command)}" }.joined(separator: "\n")
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: "executors:\n" + executors) { daemon in
                for (operation, name) in [("CreateMatching", "people"), ("CreateIdMapping", "subscribers")] {
                    let workflow = try Project.text("deploy/samples/workflows/\(name).json")
                    let made = try await joblinectl(
                        "call", "EntityResolution.\(operation)Workflow", workflow, at: daemon)
                    #expect(made.status == .exited(0), "\(made.error)")
                }
                for family in Self.families {
                    var words = ["start", family.name]
                    switch family.name {
                    case "Matching": words += ["people"]
                    case "IdMapping": words += ["subscribers"]
                    case "BatchSegment", "BatchInference":
                        words += ["--name", "one", "--input", "s3://items/users.json", "--output", "s3://out/"]
                    default: words += ["--input", "s3://notes/", "--output", "s3://out/", "--name", "one"]
                    }
                    let started = try await joblinectl(words, at: daemon)
                    #expect(started.status == .exited(0), "\(family.name): \(started.error)")
                    let job = try #require(Self.lines(started.output).first)
                    // References are printed in the form that the SDK and each command accept.
                    let reference = try #require(JobReference(job), "\(job)")
                    #expect(reference.family.rawValue == family.name)
                    let waited = try await joblinectl("wait", job, at: daemon)
                    #expect(waited.status == .exited(0), "\(family.name): \(waited.error)")
                    #expect(waited.output.hasPrefix(job + "  "), "\(waited.output)")
                    let described = try await joblinectl("describe", job, at: daemon)
                    #expect(described.output.contains("Ended"), "\(family.name): \(described.error)")
                    let watched = try await joblinectl("watch", "--until-ended", family.name, job, at: daemon)
                    #expect(watched.output.contains("  \(job)  succeeded"), "\(watched.output)")
                    for words in [["describe", job], ["wait", job], ["watch", "--until-ended", job]] {
                        let json = try await joblinectl(words + ["-o", "json"], at: daemon)
                        #expect(
                            json.output.hasPrefix("{\"service\":\"\(reference.family.service ?? "")\",")
                                && json.output.contains("\"reference\":\"\(job)\",\"state\":\"succeeded\","),
                            "\(words): \(json.output)")
                    }
                    let listed = try await joblinectl(["list", family.name] + family.list, at: daemon)
                    #expect(Self.lines(listed.output).count == 2, "\(family.name): \(listed.error)")
                    let json = try await joblinectl("list", family.name, "-o", "json", at: daemon)
                    #expect(json.output.contains("\"reference\":\"\(job)\""), "\(json.output)")
                }
                // By name, which searches the list.
                let named = try await joblinectl("describe", "BatchInference", "one", at: daemon)
                #expect(named.output.contains("batch-inference-job/one"), "\(named.error)")
                let info = try await joblinectl("info", at: daemon)
                for family in Self.families { #expect(info.output.contains(".\(family.name) ")) }
            }
        }
    }

    @Test("stop stops jobs, and reports those that had ended and families without stop")
    func stop() async throws {
        let settings = "executors:\n  phiDetection: {command: [sleep, \"1000\"]}"
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let started = try await joblinectl(
                    "start", "PHIDetection", "--input", "s3://notes/", "--output", "s3://out/", at: daemon)
                let job = try #require(Self.lines(started.output).first)
                let stopped = try await joblinectl("stop", job, at: daemon)
                #expect(stopped.status == .exited(0), "\(stopped.error)")
                #expect(stopped.output == job + "\n")
                let waited = try await joblinectl("wait", job, at: daemon)
                #expect(waited.status == .exited(1))
                #expect(waited.output == job + "  STOPPED\n")
                // An ended job is reported, not stopped.
                let again = try await joblinectl("stop", job, at: daemon)
                #expect(again.status == .exited(3))
                #expect(again.output.isEmpty)
                #expect(again.error == "joblinectl: \(job) had already ended (STOPPED)\n")
                let json = try await joblinectl("stop", job, "--json", at: daemon)
                #expect(json.status == .exited(3))
                #expect(json.output.contains("\"reference\":\"\(job)\",\"state\":\"stopped\",\"status\":\"STOPPED\","))

                let unknown = try await joblinectl("stop", "PHIDetection", "none", at: daemon)
                #expect(unknown.status == .exited(66))
                // An unknown job does not keep the others from being stopped, and decides the exit status.
                let other = try await joblinectl(
                    "start", "PHIDetection", "--input", "s3://notes/", "--output", "s3://out/", at: daemon)
                let second = try #require(Self.lines(other.output).first)
                let several = try await joblinectl("stop", job, "PHIDetection/none", second, at: daemon)
                #expect(several.status == .exited(66))
                #expect(several.output == second + "\n")
                #expect(Self.lines(several.error).count == 2, "\(several.error)")
                let matching = try await joblinectl("stop", "Matching", "people/1", at: daemon)
                #expect(matching.status == .exited(64))
                #expect(
                    Self.lines(matching.error).first
                        == "joblinectl: jobs of Matching cannot be stopped: the service has no operation for it")
            }
        }
    }

    @Test("An ID mapping job can write to its own output under its own role")
    func idMappingOutput() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let settings = "executors:\n  idMapping: {command: [\"true\"]}"
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let workflow = try Project.text("deploy/samples/workflows/subscribers.json")
                    .replacing(
                        "entityresolution:us-east-1:000000000000:matchingworkflow/people",
                        with: "glue:us-east-1:000000000000:table/sample/customers")
                let made = try await joblinectl(
                    "call", "EntityResolution.CreateIdMappingWorkflow", workflow, at: daemon)
                #expect(made.status == .exited(0), "\(made.error)")
                let role = "arn:aws:iam::000000000000:role/mapper"
                let started = try await joblinectl(
                    "start", "IdMapping", "subscribers", "--output", "s3://elsewhere/", "--role", role, "--job-type",
                    "incremental", at: daemon)
                #expect(started.status == .exited(0), "\(started.error)")
                let job = try #require(Self.lines(started.output).first)
                let waited = try await joblinectl("wait", job, at: daemon)
                #expect(waited.output == job + "  SUCCEEDED\n", "\(waited.error)")
                let described = try await joblinectl("describe", job, at: daemon)
                #expect(described.output.contains("s3://elsewhere/") && described.output.contains("INCREMENTAL"))
                let json = try await joblinectl("describe", job, "--json", at: daemon)
                #expect(json.output.contains(role))
                let loose = try await joblinectl("start", "IdMapping", "subscribers", "--role", role, at: daemon)
                #expect(loose.status == .exited(64))
                #expect(Self.lines(loose.error).first == "joblinectl: --role requires --output")
            }
        }
    }
}
