import Jobline
import Subprocess
import TestSupport
import Testing

/// joblinectl against a real daemon.
@Suite("The command line", .timeLimit(.minutes(2)))
struct CommandLineTests {
    /// What a person types.
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

    @Test("starts, awaits, describes and lists a job of every family")
    func families() async throws {
        let executors = Self.families.map { "  \($0.key): {command: [\"true\"]}" }.joined(separator: "\n")
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
                    let waited = try await joblinectl("wait", family.name, job, at: daemon)
                    #expect(waited.status == .exited(0), "\(family.name): \(waited.error)")
                    let described = try await joblinectl("describe", family.name, job, at: daemon)
                    #expect(described.output.contains("Ended"), "\(family.name): \(described.error)")
                    let listed = try await joblinectl(["list", family.name] + family.list, at: daemon)
                    #expect(Self.lines(listed.output).count == 2, "\(family.name): \(listed.error)")
                }
                // By name, which is a look through the list.
                let named = try await joblinectl("describe", "BatchInference", "one", at: daemon)
                #expect(named.output.contains("batch-inference-job/one"), "\(named.error)")
                let info = try await joblinectl("info", at: daemon)
                for family in Self.families { #expect(info.output.contains(".\(family.name) ")) }
            }
        }
    }

    @Test("stops a job, again and after its end too, and says where nothing can be stopped")
    func stop() async throws {
        let settings = "executors:\n  phiDetection: {command: [sleep, \"1000\"]}"
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let started = try await joblinectl(
                    "start", "PHIDetection", "--input", "s3://notes/", "--output", "s3://out/", at: daemon)
                let job = try #require(Self.lines(started.output).first)
                for _ in 0..<2 {
                    let stopped = try await joblinectl("stop", "PHIDetection", job, at: daemon)
                    #expect(stopped.status == .exited(0))
                    #expect(stopped.output == job + "\n")
                }
                let waited = try await joblinectl("wait", "PHIDetection", job, at: daemon)
                #expect(waited.status == .exited(1))
                #expect(waited.output == job + "  STOPPED\n")
                let again = try await joblinectl("stop", "PHIDetection", job, "--json", at: daemon)
                #expect(again.status == .exited(0))
                #expect(again.output == "{\"JobId\":\"\(job)\"}\n")

                let unknown = try await joblinectl("stop", "PHIDetection", "none", at: daemon)
                #expect(unknown.status == .exited(66))
                let matching = try await joblinectl("stop", "Matching", "people/1", at: daemon)
                #expect(matching.status == .exited(64))
                #expect(
                    Self.lines(matching.error).first
                        == "joblinectl: jobs of Matching cannot be stopped: the service has no call for it")
            }
        }
    }

    @Test("lets an ID mapping job write elsewhere, under a role of its own")
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
                let waited = try await joblinectl("wait", "IdMapping", job, at: daemon)
                #expect(waited.output == job + "  SUCCEEDED\n", "\(waited.error)")
                let described = try await joblinectl("describe", "IdMapping", job, at: daemon)
                #expect(described.output.contains("s3://elsewhere/") && described.output.contains("INCREMENTAL"))
                let json = try await joblinectl("describe", "IdMapping", job, "--json", at: daemon)
                #expect(json.output.contains(role))
                let loose = try await joblinectl("start", "IdMapping", "subscribers", "--role", role, at: daemon)
                #expect(loose.status == .exited(64))
                #expect(Self.lines(loose.error).first == "joblinectl: --role is for --output, which is not given")
            }
        }
    }

    @Test("lists what the service's own filters leave")
    func filters() async throws {
        let settings = """
            executors:
              rxNormInference: {command: ["true"]}
              batchSegment: {command: ["true"]}
            """
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                var jobs: [String] = []
                for name in ["early", "late"] {
                    let started = try await joblinectl(
                        "start", "RxNormInference", "--input", "s3://notes/", "--output", "s3://out/", "--name", name,
                        at: daemon)
                    jobs.append(try #require(Self.lines(started.output).first))
                }
                let waited = try await joblinectl(["wait", "RxNormInference"] + jobs, at: daemon)
                #expect(waited.status == .exited(0), "\(waited.error)")

                func listed(_ words: String...) async throws -> [String] {
                    let outcome = try await joblinectl(["list", "RxNormInference"] + words, at: daemon)
                    #expect(outcome.status == .exited(0), "\(outcome.error)")
                    return Self.lines(outcome.output).dropFirst().compactMap { line in
                        line.split(separator: " ").first.map(String.init)
                    }
                }
                #expect(try await listed() == jobs.reversed())
                #expect(try await listed("--name", "early") == [jobs[0]])
                #expect(try await listed("--status", "completed") == jobs.reversed())
                #expect(try await listed("--status", "IN PROGRESS") == [])
                #expect(try await listed("--after", "2020-01-01T00:00:00Z") == jobs.reversed())
                #expect(try await listed("--before", "9999-01-01T00:00:00+01:00") == jobs)
                #expect(try await listed("--before", "1600000000") == [])

                let unknown = try await joblinectl("list", "RxNormInference", "--status", "DONE", at: daemon)
                #expect(unknown.status == .exited(65))
                let two = try await joblinectl(
                    "list", "RxNormInference", "--status", "FAILED", "--name", "early", at: daemon)
                #expect(two.status == .exited(64))
                #expect(
                    Self.lines(two.error).first
                        == "joblinectl: RxNormInference takes only one at a time of --name, --status, --before, --after"
                )

                for (name, model) in [("a", "one"), ("b", "two")] {
                    let created = try await joblinectl(
                        "start", "BatchSegment", "--name", name, "--input", "s3://items/items.json", "--output",
                        "s3://out/", "--solution", "arn:aws:personalize:us-east-1:000000000000:solution/\(model)/1",
                        at: daemon)
                    #expect(created.status == .exited(0), "\(created.error)")
                }
                let segments = try await joblinectl(
                    "list", "BatchSegment", "--solution",
                    "arn:aws:personalize:us-east-1:000000000000:solution/two/1", "--json", at: daemon)
                #expect(Self.lines(segments.output).count == 1)
                #expect(segments.output.contains("\"jobName\":\"b\""))
            }
        }
    }
}
