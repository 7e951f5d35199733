import ArgumentParser
import Testing

@testable import joblinectl

@Suite("Help")
struct HelpTests {
    static let commands: [any ParsableCommand.Type] =
        [Joblinectl.self] + (Joblinectl.configuration.subcommands)

    /// The command lines that a text shows, without what the shell has to do with them.
    private static func examples(in text: String) -> [[String]] {
        text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  "), let start = line.firstRange(of: "joblinectl ")?.upperBound else { return nil }
            let command = line[start...].split(separator: " && ")[0].split(separator: " < ")[0].split(separator: " > ")[
                0]
            // Quoted words have no spaces in them, and the variable holds what start printed.
            return command.split(separator: " ").map { word in
                word.filter { !"'\"()".contains($0) }.replacing("$job", with: "RxNormInference/1f")
            }
        }
    }

    @Test("every example is a command line that parses", arguments: commands.map { "\($0)" })
    func examples(name: String) throws {
        let command = try #require(Self.commands.first { "\($0)" == name })
        for words in Self.examples(in: command.configuration.discussion) {
            #expect(throws: Never.self, "\(words)") { try Joblinectl.parseAsRoot(words) }
        }
    }

    @Test("no example is broken over two lines of a terminal")
    func width() {
        let lines = Self.commands.flatMap { $0.configuration.discussion.split(separator: "\n") }
        for line in lines where line.contains("joblinectl ") && line.hasPrefix("  ") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test("there are examples for what is typed most")
    func areThere() {
        let examples = Self.commands.flatMap { Self.examples(in: $0.configuration.discussion) }
        for word in ["start", "describe", "list", "wait", "watch", "stop", "top", "call", "info", "completion"] {
            #expect(examples.contains { $0.first == word }, "\(word)")
        }
    }
}
