import Foundation
import Subprocess
import TestSupport
import Testing

/// Tests that the examples of the documents work as pasted.
@Suite("Documentation", .timeLimit(.minutes(2)))
struct DocumentationTests {
    /// The fenced blocks of one language in a document of the checkout, in their order.
    static func blocks(of language: String, in document: String) throws -> [String] {
        let text = try Project.text(document)
        return text.components(separatedBy: "```\(language)\n").dropFirst().map { block in
            block.components(separatedBy: "```")[0]
        }
    }

    @Test("The socat lines of the contract are answered")
    func socat() async throws {
        let block = try #require(try Self.blocks(of: "sh", in: "proto-spec/README.md").first)
        let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("SOCK=") }
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let script = (["SOCK=\(daemon.socket)"] + lines).joined(separator: "\n")
                let outcome = try await Command.run("bash", ["-euo", "pipefail", "-c", script])
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                let objects = outcome.output.split(separator: "\n").filter { $0.hasPrefix("{") }
                let replies = objects.filter { !$0.contains("\"method\":\"Sidecar.JobChanged\"") }
                #expect(objects.count == replies.count + 1)
                #expect(replies.count == lines.filter { $0.contains("socat") }.count + 1)
                #expect(replies.allSatisfy { $0.contains("\"result\"") }, "\(outcome.output)")
            }
        }
    }

    @Test("The README's line for socat and its client in Python are answered")
    func readme() async throws {
        let line = try #require(try Self.blocks(of: "sh", in: "README.md").first { $0.contains("socat") })
        let python = try #require(try Self.blocks(of: "sh", in: "README.md").first { $0.contains("python3") })
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let shell = try await Command.run("bash", ["-c", line], environment: ["SOCK": daemon.socket])
                #expect(shell.output.contains("\"ComprehendMedicalAsyncJobPropertiesList\":[]"), "\(shell.output)")
                let client = try await Command.run(
                    "bash", ["-c", "cd '\(Project.root)'\n\(python)"], environment: ["SOCK": daemon.socket])
                #expect(client.output.contains("\"ComprehendMedicalAsyncJobPropertiesList\""), "\(client.error)")
                #expect(client.status == .exited(0))
            }
        }
    }

    @Test("The README's command lines do what they say, on the samples")
    func commandLines() async throws {
        let block = try #require(try Self.blocks(of: "sh", in: "README.md").first { $0.contains("joblinectl start") })
        let program = try Project.program("joblinectl")
        let script = """
            set -euo pipefail
            cd '\(Project.root)'
            joblinectl() { '\(program)' "$@"; }
            \(block)
            """
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                let outcome = try await Command.run(
                    "bash", ["-c", script], environment: ["JOBLINE_SOCKET": daemon.socket])
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(outcome.output.contains("s3://notes/"))
                #expect(outcome.output.split(separator: "\n").count { $0.contains("COMPLETED") } == 3)
                #expect(outcome.output.contains("people/") && outcome.output.contains("subscribers/"))
                #expect(outcome.output.split(separator: "\n").count { $0.hasSuffix("  SUCCEEDED") } == 2)
            }
        }
    }

    @Test("The framed ping of the README has the right length")
    func pingExample() async throws {
        let text = try Project.text("proto-spec/README.md")
        let example = try #require(text.split(separator: "\n").first { $0.hasPrefix("    44⏎") })
        let body = example.split(separator: "⏎")[1]
        #expect(body.utf8.count == 44)
    }
}
