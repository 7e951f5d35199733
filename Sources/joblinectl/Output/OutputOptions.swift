internal import ArgumentParser

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case table
    /// What the service or the daemon said, one document a line.
    case json

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// What every command takes that prints results.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("table for people, json for scripts: one document a line.", valueName: "table|json"))
    var output: OutputFormat?

    @Flag(help: "The same as --output json.")
    var json = false

    var isJSON: Bool { json || output == .json }

    func validate() throws {
        if json, output == .table { throw ValidationError("--json and --output table: which of them?") }
    }
}
