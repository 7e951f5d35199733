internal import Foundation
internal import Jobline
internal import TestSupport

/// The directory of the daemons, with an executor that tells of each of its runs.
struct Stage: Sendable {
    let directory: TestDirectory
    let settings: String

    static let role = "arn:aws:iam::000000000000:role/jobline"
    /// Jobs of this family run until their gate is open, and again after a restart; all others end at once.
    static let gated = JobFamily.icd10cmInference

    init(_ directory: TestDirectory) throws {
        self.directory = directory
        let executor = try directory.write(
            """
            #!/bin/sh
            echo "$JOBLINE_FAMILY $JOBLINE_JOB_ID" >> '\(directory.appending("runs"))'
            if [ "$JOBLINE_FAMILY" = \(Self.gated.rawValue) ]; then
                until [ -e '\(directory.appending("gates"))/'"${JOBLINE_INPUT##*/}" ]; do sleep 0.2; done
            fi
            \(CompleteExecutor.script.replacing("\n", with: "\n            "))
            """, to: "executor", mode: 0o755)
        let command = "command: [\"\(executor)\"]"
        settings = """
            executors:
              rxNormInference: {\(command), concurrency: 4, onRestart: fail}
              icd10cmInference: {\(command), concurrency: 16, onRestart: rerun}
              batchSegment: {\(command), concurrency: 2, onRestart: fail}
              matching: {\(command), concurrency: 2, onRestart: fail}
            personalize: {openJobs: 1000}
            entityResolution: {matchingWorkflows: 100000}
            """
        try directory.write("aspirin 81 mg", to: "state/buckets/notes/note.txt")
        try directory.write("{\"itemId\": \"1\"}", to: "state/buckets/items/items.json")
        try directory.copy(Project.file("deploy/samples/customers"), to: "state/tables/sample/customers")
        try directory.copy(Project.file("deploy/samples/schemas"), to: "state/schemas")
        try directory.write("", to: "runs")
    }

    /// Makes a bucket whose jobs of the gated family run until it is opened.
    func close(_ gate: String) throws { try directory.write("a note", to: "state/buckets/\(gate)/note.txt") }

    func open(_ gate: String) throws { try directory.write("", to: "gates/\(gate)") }

    /// A workflow without jobs.
    func createWorkflow(_ client: JoblineClient, _ name: String) async throws {
        let people = try Project.text("deploy/samples/workflows/people.json")
        _ = try await client.call(
            "EntityResolution.CreateMatchingWorkflow",
            json: people.replacingOccurrences(of: "\"people\"", with: "\"\(name)\""))
    }

    /// Runs of the executor by family and job id (for Personalize, the name).
    func runs() throws -> [Substring: Int] {
        Dictionary(try directory.read("runs").split(separator: "\n").map { ($0, 1) }, uniquingKeysWith: +)
    }
}
