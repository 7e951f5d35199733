internal import ArgumentParser

/// Format of the results.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Text for people.
    case table
    /// JSON of the service or the daemon, one document a line.
    case json

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// Options of all commands that print results.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Format: table, or json with one document a line.", valueName: "table|json"))
    var output: OutputFormat?

    @Flag(help: "Short for --output json.")
    var json = false

    var isJSON: Bool { json || output == .json }

    func validate() throws {
        if json, output == .table { throw ValidationError("--json and --output table contradict each other") }
    }
}
