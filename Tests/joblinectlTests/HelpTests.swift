import ArgumentParser
import Testing

@testable import joblinectl

@Suite("Help")
struct HelpTests {
    static let commands: [any ParsableCommand.Type] =
        [Joblinectl.self] + (Joblinectl.configuration.subcommands)

    /// Returns the command lines in a text, without shell syntax.
    private static func examples(in text: String) -> [[String]] {
        text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  "), let start = line.firstRange(of: "joblinectl ")?.upperBound else { return nil }
            let command = line[start...].split(separator: " && ")[0].split(separator: " < ")[0].split(separator: " > ")[
                0]
            // Quoted words contain no spaces, and the variable contains a reference.
            return command.split(separator: " ").map { word in
                word.filter { !"'\"()".contains($0) }.replacing("$job", with: "RxNormInference/1f")
            }
        }
    }

    @Test("Every example is a valid command line", arguments: commands.map { "\($0)" })
    func examples(name: String) throws {
        let command = try #require(Self.commands.first { "\($0)" == name })
        for words in Self.examples(in: command.configuration.discussion) {
            #expect(throws: Never.self, "\(words)") { try Joblinectl.parseAsRoot(words) }
        }
    }

    @Test("No example exceeds 80 columns")
    func width() {
        let lines = Self.commands.flatMap { $0.configuration.discussion.split(separator: "\n") }
        for line in lines where line.contains("joblinectl ") && line.hasPrefix("  ") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test("The most frequent commands have examples")
    func areThere() {
        let examples = Self.commands.flatMap { Self.examples(in: $0.configuration.discussion) }
        for word in ["start", "describe", "list", "wait", "watch", "stop", "top", "call", "info", "completion"] {
            #expect(examples.contains { $0.first == word }, "\(word)")
        }
    }
}
