internal import ArgumentParser

/// Generates code from the contract.
@main
struct SpecCompilerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SpecCompiler",
        abstract: "Writes the Generated folders from the contract in proto-spec.",
        discussion: "Errors in the contract are reported as file:line: message; nothing is written in that case.")

    @Option(help: "Root of the package.")
    var root = "."

    @Flag(help: "Write nothing; exit with status 1 if a generated file differs from the contract.")
    var check = false

    func run() throws {
        let workspace = Workspace(root: root)
        let diagnostics = Diagnostics()
        let contract = Contract.parse(try workspace.contractFiles(), diagnostics: diagnostics)
        guard diagnostics.all.isEmpty else {
            report(diagnostics.sorted.map(\.description))
            throw ExitCode.failure
        }
        let files = contract.render()
        if check {
            let differences = try workspace.differences(from: files)
            report(differences)
            if !differences.isEmpty { throw ExitCode.failure }
        } else {
            try workspace.write(files)
        }
    }

    private func report(_ lines: [String]) {
        var output = StandardError()
        for line in lines { print(line, to: &output) }
    }
}
